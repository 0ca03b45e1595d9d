#include "export/publish/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "bytes/atomic_file.h"
#include "bytes/hex.h"
#include "format/file_bytes.h"
#include "spec/versions.h"
#include "streams/json_reader.h"

namespace noggin::publish {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostCertificateBytes = 16U << 20;

bool names_model(const JsonValue& value, const std::string& content_hash) {
  if (value.kind == JsonValue::Kind::kString) return value.text == content_hash;
  for (const JsonValue& item : value.items)
    if (names_model(item, content_hash)) return true;
  for (const auto& [name, member] : value.members)
    if (names_model(member, content_hash)) return true;
  return false;
}

Error with_path(const std::string& path, const Error& error) { return {error.code, path + ": " + error.message}; }

// A new file that only its owner may read, on disk when this returns.
Status write_secret(const std::string& path, const std::string& text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0 && errno == EEXIST)
    return Error{ErrorCode::kExists, path + " exists, and a key is never overwritten. Fix: choose another name"};
  if (descriptor < 0) return Error{ErrorCode::kIo, fmt::format("{} cannot be made: {}", path, std::strerror(errno))};
  const bool written =
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  if (written) return {};
  ::unlink(path.c_str());
  return Error{error == ENOSPC ? ErrorCode::kOutOfSpace : ErrorCode::kIo,
               fmt::format("{} cannot be written: {}", path, std::strerror(error))};
}

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t most_bytes) {
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    return Error{ErrorCode::kNotFound, path + " is not a file. Fix: check the path"};
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kIo, path + " cannot be read. Fix: check its permissions"};
  std::string text(most_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() <= most_bytes) return text;
  return Error{ErrorCode::kCorrupt, fmt::format("{} has more than {} bytes: it is something else", path, most_bytes)};
}

Result<SecretKey> read_secret_key(const std::string& path, const std::string& password) {
  const Result<std::string> text = read_small_file(path, update::kMostKeyBytes);
  if (!text) return text.error();
  Result<SecretKey> key = SecretKey::parse(*text, password);
  if (!key) return with_path(path, key.error());
  return key;
}

Result<update::PublicKey> public_key_of(const std::string& file_or_line) {
  if (Result<update::PublicKey> line = update::parse_public_key(file_or_line); line) return line;
  const Result<std::string> text = read_small_file(file_or_line, update::kMostKeyBytes);
  if (!text) return Error{ErrorCode::kInvalidArgument, text.error().message};
  Result<update::PublicKey> key = update::parse_public_key(*text);
  if (!key) return Error{ErrorCode::kInvalidArgument, file_or_line + ": " + key.error().message};
  return key;
}

Result<std::string> certificate_of(const PublishRequest& request, const std::string& content_hash) {
  const bool named = !request.certificate.empty();
  const std::string path =
      named ? request.certificate : (fs::path(request.model).parent_path() / "certificate.json").string();
  if (!named && !fs::exists(path)) return std::string();
  const Result<std::string> text = read_small_file(path, kMostCertificateBytes);
  if (!text) return text.error();
  const Result<JsonValue> json = parse_json(*text);
  if (!json) return Error{ErrorCode::kCorrupt, path + ": " + json.error().message};
  if (!names_model(*json, content_hash)) {
    if (!named) return std::string();  // of another model of that folder
    return Error{ErrorCode::kCorrupt, fmt::format("{} is not about {}: it does not name its content hash {}", path,
                                                  request.model, content_hash)};
  }
  const JsonValue* passed = json->find("passed");
  if (passed == nullptr || passed->kind != JsonValue::Kind::kFalse) return text;
  return Error{ErrorCode::kExists,
               fmt::format("{} says that {} failed its gates: it may not ship. Fix: publish a model "
                           "that `noggin verify` passes",
                           path, request.model)};
}

Result<update::PublicKey> write_new_key(const std::string& path, const std::string& password) {
  const std::string open = path + ".pub";
  if (fs::exists(open)) return Error{ErrorCode::kExists, open + " exists. Fix: choose another name"};
  const Result<SecretKey> key = SecretKey::generate();
  if (!key) return key.error();
  const Result<std::string> text = key->file_text(password);
  if (!text) return text.error();
  if (Status status = write_secret(path, *text); !status) return status.error();
  const std::string public_text = update::public_key_file(key->public_key());
  if (Status status = write_file_atomically(open, public_text.data(), public_text.size()); !status)
    return status.error();
  return key->public_key();
}

std::string model_comment(const std::string& name, const format::SectionTable& table) {
  return fmt::format("{} content_hash:{} layout:{} numerics:{}", name, hex(table.content_hash), table.layout_version,
                     spec::kNumericsVersion);
}

Status sign_file(const SecretKey& key, const std::string& path, const std::string& trusted_comment) {
  const Result<format::FileBytes> file = format::FileBytes::open(path, format::FileAccess::kMap);
  if (!file) return file.error();
  std::string comment = trusted_comment;
  const Result<format::SectionTable> table = format::read_section_table(file->bytes());
  if (comment.empty()) {
    comment =
        table ? model_comment(fs::path(path).stem().string(), *table) : "file:" + fs::path(path).filename().string();
  }
  const Result<update::Signature> signature = key.sign(file->bytes(), comment);
  if (!signature) return signature.error();
  const std::string text = update::signature_file(*signature, "signature by noggin");
  return write_file_atomically(path + std::string(update::kSignatureSuffix), text.data(), text.size());
}

}  // namespace noggin::publish
