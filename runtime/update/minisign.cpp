#include "update/minisign.h"

#include <sodium.h>

#include <algorithm>
#include <vector>

namespace noggin::update {
namespace {

constexpr std::string_view kUntrusted = "untrusted comment: ", kTrusted = "trusted comment: ";
constexpr std::string_view kKeyAlgorithm = "Ed", kPrehashed = "ED";
constexpr std::size_t kKeyBytes = 2 + 8 + 32, kSignatureBytes = 2 + 8 + 64;

Error bad(const char* what) { return {ErrorCode::kBadData, what}; }

// Lines without their ends; an empty one at the end does not count.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_algorithm(const unsigned char* bytes, std::string_view name) {
  return std::equal(name.begin(), name.end(), bytes);
}

// A comment is shown to people: one line of text, in which minisign writes tabs.
bool is_comment(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c != '\t' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F); });
}

}  // namespace

bool decode_base64(std::string_view text, std::span<unsigned char> bytes) {
  std::size_t length = 0;
  const char* end = nullptr;
  const int status = sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length, &end,
                                       sodium_base64_VARIANT_ORIGINAL);
  return status == 0 && length == bytes.size() && end == text.data() + text.size();
}

std::string encode_base64(std::span<const unsigned char> bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // the NUL
  return text;
}

std::string key_name(const KeyId& id) {
  std::string text;
  for (std::size_t i = id.size(); i-- > 0;) {  // minisign prints the id as a little-endian number
    text += "0123456789ABCDEF"[id[i] >> 4];
    text += "0123456789ABCDEF"[id[i] & 0xF];
  }
  return text;
}

Result<PublicKey> parse_public_key(std::string_view text) {
  const std::vector<std::string_view> lines = lines_of(text.substr(0, kMostKeyBytes));
  const bool file = lines.size() == 2 && lines[0].starts_with(kUntrusted);
  std::array<unsigned char, kKeyBytes> bytes{};
  if ((!file && lines.size() != 1) || !decode_base64(lines.back(), bytes) || !is_algorithm(bytes.data(), kKeyAlgorithm))
    return bad("this is not a minisign public key. Fix: give the file that `noggin key new` or `minisign -G` wrote");
  PublicKey key;
  std::copy_n(bytes.data() + 2, key.id.size(), key.id.begin());
  std::copy_n(bytes.data() + 10, key.point.size(), key.point.begin());
  return key;
}

std::string public_key_line(const PublicKey& key) {
  std::vector<unsigned char> bytes(kKeyAlgorithm.begin(), kKeyAlgorithm.end());
  bytes.insert(bytes.end(), key.id.begin(), key.id.end());
  bytes.insert(bytes.end(), key.point.begin(), key.point.end());
  return encode_base64(bytes);
}

std::string public_key_file(const PublicKey& key) {
  return std::string(kUntrusted) + "minisign public key " + key_name(key.id) + "\n" + public_key_line(key) + "\n";
}

Result<Signature> parse_signature(std::string_view text) {
  if (text.size() > kMostSignatureBytes) return bad("a signature has at most 4096 bytes");
  const std::vector<std::string_view> lines = lines_of(text);
  if (lines.size() != 4 || !lines[0].starts_with(kUntrusted) || !lines[2].starts_with(kTrusted))
    return bad("this is not a minisign signature of four lines");
  Signature signature;
  std::array<unsigned char, kSignatureBytes> bytes{};
  if (!decode_base64(lines[1], bytes) || !decode_base64(lines[3], signature.of_comment))
    return bad("the base64 of the signature is damaged");
  if (!is_algorithm(bytes.data(), kPrehashed)) return bad("the signature is not of the prehashed form (ED)");
  std::copy_n(bytes.data() + 2, signature.id.size(), signature.id.begin());
  std::copy_n(bytes.data() + 10, signature.of_file.size(), signature.of_file.begin());
  signature.trusted_comment = lines[2].substr(kTrusted.size());
  if (!is_comment(signature.trusted_comment)) return bad("the trusted comment holds control characters");
  return signature;
}

std::string signature_file(const Signature& signature, std::string_view untrusted_comment) {
  std::vector<unsigned char> bytes(kPrehashed.begin(), kPrehashed.end());
  bytes.insert(bytes.end(), signature.id.begin(), signature.id.end());
  bytes.insert(bytes.end(), signature.of_file.begin(), signature.of_file.end());
  return std::string(kUntrusted).append(untrusted_comment) + "\n" + encode_base64(bytes) + "\n" +
         std::string(kTrusted) + signature.trusted_comment + "\n" + encode_base64(signature.of_comment) + "\n";
}

std::array<unsigned char, 64> prehash(std::span<const std::byte> message) {
  std::array<unsigned char, 64> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                     nullptr, 0);
  return hash;
}

std::string comment_message(const Signature& signature) {
  return std::string(signature.of_file.begin(), signature.of_file.end()) + signature.trusted_comment;
}

bool verifies(const PublicKey& key, std::span<const std::byte> message, const Signature& signature) {
  if (key.id != signature.id) return false;
  const std::array<unsigned char, 64> hash = prehash(message);
  const std::string comment = comment_message(signature);
  const auto holds = [&key](const std::array<unsigned char, 64>& proof, const void* bytes, std::size_t size) {
    return crypto_sign_verify_detached(proof.data(), static_cast<const unsigned char*>(bytes), size,
                                       key.point.data()) == 0;
  };
  return holds(signature.of_file, hash.data(), hash.size()) &&
         holds(signature.of_comment, comment.data(), comment.size());
}

}  // namespace noggin::update
