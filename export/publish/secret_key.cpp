#include "export/publish/secret_key.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <vector>

#include "bytes/little_endian.h"

namespace noggin::publish {
namespace {

// The file of minisign's secret keys: an untrusted comment, and the base64 of these bytes.
constexpr std::size_t kKdfOffset = 2, kChecksumOffset = 4, kSaltOffset = 6, kOpsOffset = 38, kMemoryOffset = 46,
                      kSecretOffset = 54;  // key id, secret key, checksum: encrypted together
constexpr std::size_t kIdBytes = 8, kKeyBytes = 64, kChecksumBytes = 32;
constexpr std::size_t kSecretBytes = kIdBytes + kKeyBytes + kChecksumBytes;
constexpr std::size_t kFileBytes = kSecretOffset + kSecretBytes;
constexpr std::string_view kComment = "untrusted comment: ";
using FileBytes = std::array<unsigned char, kFileBytes>;

Error no_key() {
  return {ErrorCode::kCorrupt,
          "this is not a minisign secret key file. Fix: name the file that `noggin key new` wrote"};
}

// Checksum of a key: BLAKE2b-256 of algorithm, id and key.
std::array<unsigned char, kChecksumBytes> checksum(const FileBytes& file) {
  std::vector<unsigned char> bytes(file.begin(), file.begin() + 2);
  bytes.insert(bytes.end(), file.begin() + kSecretOffset, file.begin() + kSecretOffset + kIdBytes + kKeyBytes);
  std::array<unsigned char, kChecksumBytes> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
  sodium_memzero(bytes.data(), bytes.size());
  return hash;
}

// minisign leaves out the checksum of a key that is not encrypted.
bool is_whole(const FileBytes& file) {
  const auto stored = std::span(file).last(kChecksumBytes);
  const bool none = std::all_of(stored.begin(), stored.end(), [](unsigned char byte) { return byte == 0; });
  const auto expected = checksum(file);
  return (none && file[kKdfOffset] == 0) || std::equal(expected.begin(), expected.end(), stored.begin());
}

bool decode(std::string_view text, FileBytes& file) {
  const std::size_t first = text.find('\n');
  if (!text.starts_with(kComment) || first == std::string_view::npos) return false;
  std::string_view line = text.substr(first + 1);
  line = line.substr(0, line.find_first_of("\r\n"));
  if (!update::decode_base64(line, file)) return false;
  return file[0] == 'E' && file[1] == 'd' && file[kChecksumOffset] == 'B' && file[kChecksumOffset + 1] == '2';
}

bool is_encrypted(const FileBytes& file) { return file[kKdfOffset] == 'S' && file[kKdfOffset + 1] == 'c'; }
bool is_plain(const FileBytes& file) { return file[kKdfOffset] == 0 && file[kKdfOffset + 1] == 0; }

std::uint64_t number_at(const FileBytes& file, std::size_t offset) {
  return load_u64(reinterpret_cast<const std::byte*>(file.data()) + offset);
}

// Encrypts or decrypts: exclusive or with what scrypt makes of the password.
Status mask_secret(FileBytes& file, const std::string& password) {
  constexpr std::uint64_t kMostOps = crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE,
                          kMostMemory = crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE;
  const std::uint64_t ops = number_at(file, kOpsOffset), memory = number_at(file, kMemoryOffset);
  if (ops > kMostOps || memory > kMostMemory) return no_key();
  std::array<unsigned char, kSecretBytes> stream{};
  const int status = crypto_pwhash_scryptsalsa208sha256(stream.data(), stream.size(), password.data(), password.size(),
                                                        &file[kSaltOffset], ops, static_cast<std::size_t>(memory));
  if (status != 0) {
    return Error{ErrorCode::kOutOfSpace,
                 fmt::format("there is no memory for the password's scrypt ({} MiB). Fix: free some, or use a key "
                             "without password",
                             memory >> 20)};
  }
  for (std::size_t i = 0; i < stream.size(); ++i) file[kSecretOffset + i] ^= stream[i];
  sodium_memzero(stream.data(), stream.size());
  return {};
}

}  // namespace

SecretKey::SecretKey(SecretKey&& other) noexcept : public_(other.public_), secret_(other.secret_) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

SecretKey::~SecretKey() { sodium_memzero(secret_.data(), secret_.size()); }

Result<SecretKey> SecretKey::generate() {
  if (sodium_init() < 0) return Error{ErrorCode::kUnsupported, "libsodium finds no source of randomness"};
  SecretKey key;
  crypto_sign_keypair(key.public_.point.data(), key.secret_.data());
  randombytes_buf(key.public_.id.data(), key.public_.id.size());
  return key;
}

bool SecretKey::needs_password(std::string_view file_text) {
  FileBytes file{};
  return decode(file_text, file) && is_encrypted(file);
}

Result<SecretKey> SecretKey::parse(std::string_view file_text, const std::string& password) {
  FileBytes file{};
  if (sodium_init() < 0 || !decode(file_text, file) || (!is_encrypted(file) && !is_plain(file))) return no_key();
  if (is_encrypted(file)) {
    if (Status status = mask_secret(file, password); !status) return status.error();
  }
  const bool right = is_whole(file);
  SecretKey key;
  std::copy_n(file.begin() + kSecretOffset, kIdBytes, key.public_.id.begin());
  std::copy_n(file.begin() + kSecretOffset + kIdBytes, kKeyBytes, key.secret_.begin());
  const bool encrypted = is_encrypted(file);
  sodium_memzero(file.data(), file.size());
  if (!right && encrypted) return Error{ErrorCode::kInvalidArgument, "wrong password for this key"};
  if (!right) return no_key();
  crypto_sign_ed25519_sk_to_pk(key.public_.point.data(), key.secret_.data());
  return key;
}

Result<std::string> SecretKey::file_text(const std::string& password) const {
  FileBytes file{};
  file[0] = 'E', file[1] = 'd';
  file[kChecksumOffset] = 'B', file[kChecksumOffset + 1] = '2';
  std::copy(public_.id.begin(), public_.id.end(), file.begin() + kSecretOffset);
  std::copy(secret_.begin(), secret_.end(), file.begin() + kSecretOffset + kIdBytes);
  const auto sum = checksum(file);
  std::copy(sum.begin(), sum.end(), file.begin() + kSecretOffset + kIdBytes + kKeyBytes);
  if (!password.empty()) {
    file[kKdfOffset] = 'S', file[kKdfOffset + 1] = 'c';
    randombytes_buf(&file[kSaltOffset], kOpsOffset - kSaltOffset);
    auto* bytes = reinterpret_cast<std::byte*>(file.data());
    store_little_endian<std::uint64_t>(bytes + kOpsOffset, crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE);
    store_little_endian<std::uint64_t>(bytes + kMemoryOffset, crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE);
    if (Status status = mask_secret(file, password); !status) return status.error();
  }
  std::string text = fmt::format("{}minisign {}secret key {}\n{}\n", kComment, password.empty() ? "" : "encrypted ",
                                 update::key_name(public_.id), update::encode_base64(file));
  sodium_memzero(file.data(), file.size());
  return text;
}

Result<update::Signature> SecretKey::sign(std::span<const std::byte> message, const std::string& comment) const {
  const bool printable = std::none_of(comment.begin(), comment.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (!printable || comment.size() > kMostCommentBytes)
    return Error{ErrorCode::kInvalidArgument, "a trusted comment is one line of at most 1024 bytes"};
  update::Signature signature;
  signature.id = public_.id;
  signature.trusted_comment = comment;
  const auto sign_bytes = [this](const void* bytes, std::size_t size, std::array<unsigned char, 64>& proof) {
    crypto_sign_detached(proof.data(), nullptr, static_cast<const unsigned char*>(bytes), size, secret_.data());
  };
  const auto hash = update::prehash(message);
  sign_bytes(hash.data(), hash.size(), signature.of_file);
  const std::string signed_comment = update::comment_message(signature);
  sign_bytes(signed_comment.data(), signed_comment.size(), signature.of_comment);
  return signature;
}

}  // namespace noggin::publish
