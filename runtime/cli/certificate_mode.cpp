// The lines of a certificate that a device can prove: the file's hashes, its golden vectors on this machine, the
// versions, and with --verify the parity rows. `noggin certify` proves the others.
#include <unistd.h>

#include <optional>
#include <vector>

#include "bytes/bound_text.h"
#include "bytes/content_hash.h"
#include "bytes/foreign_text.h"
#include "bytes/hex.h"
#include "bytes/sha256.h"
#include "cli/modes.h"
#include "format/reader.h"
#include "prediction/json_writer.h"
#include "spec/versions.h"
#include "streams/json_reader.h"
#include "streams/line_input.h"
#include "streams/poll_retry.h"

namespace noggin::run_tool {
namespace {

constexpr std::string_view kVersion = "2";  // of certificates

struct FileHashes {
  std::string xxh3, sha256;
  std::uint64_t bytes = 0;
};

// take(bytes) gets a file's pieces in order.
template <typename Take>
Status each_piece(const std::string& path, const Take& take) {
  const Result<ReadableDescriptor> file = ReadableDescriptor::open(path);
  if (!file) return file.error();
  std::vector<char> piece(std::size_t{1} << 16);
  const auto read_piece = [&] { return read(file->descriptor(), piece.data(), piece.size()); };
  while (const ssize_t count = retry_when_ready(file->descriptor(), POLLIN, read_piece)) {
    if (count < 0) return Error{ErrorCode::kIo, path + ": cannot be read"};
    if (Status status = take(std::string_view(piece.data(), static_cast<std::size_t>(count))); !status) return status;
  }
  return {};
}

Result<FileHashes> hashes_of(const std::string& path) {
  ContentHasher xxh3;
  Sha256 sha256;
  FileHashes hashes;
  Status status = each_piece(path, [&](std::string_view bytes) -> Status {
    xxh3.update(bytes.data(), bytes.size());
    sha256.update(bytes);
    hashes.bytes += bytes.size();
    return {};
  });
  if (!status) return status.error();
  hashes.xxh3 = hex(xxh3.digest());
  hashes.sha256 = sha256.hex_digest();
  return hashes;
}

Result<std::string> certificate_text(const std::string& path) {
  constexpr std::size_t kMostBytes = std::size_t{64} << 20;
  std::string text;
  Status status = each_piece(path, [&](std::string_view bytes) -> Status {
    text += bytes;
    if (text.size() <= kMostBytes) return {};
    return Error{ErrorCode::kBadData, path + ": has more than 64 MiB, which no certificate has"};
  });
  if (!status) return status.error();
  return text;
}

// The lines, as they are found.
class Lines {
 public:
  Lines(const JsonValue& certificate, bool json) : certificate_(certificate), json_(json) {}

  // What the certificate states at this place ("subject", "model", "xxh3"); nothing if it does not.
  std::optional<std::string> stated(std::initializer_list<std::string_view> names) const {
    const JsonValue* value = &certificate_;
    for (const std::string_view name : names) {
      value = value->find(name);
      if (value == nullptr) return std::nullopt;
    }
    return value->text;
  }

  void compare(std::string_view line, std::initializer_list<std::string_view> names, const std::string& found) {
    const std::optional<std::string> text = stated(names);
    add(line, text == found, text.value_or("nothing"), found);
  }
  void add(std::string_view line, bool holds, std::string_view stated, std::string_view found) {
    passed_ = passed_ && holds;
    if (json_) {
      if (!text_.empty()) text_ += ',';
      JsonObject(text_)
          .text("line", line)
          .text("standing", holds ? "holds" : "does not hold")
          .text("stated", stated)
          .text("found", found)
          .finish();
      return;
    }
    text_ += std::string(holds ? "holds          " : "DOES NOT HOLD  ").append(line);
    if (!holds) text_.append(": stated ").append(stated).append(", found ").append(found);
    text_ += '\n';
  }
  bool passed() const { return passed_; }
  std::string text() const {
    if (!json_)
      return text_ + (passed_ ? "every line that a device can check holds\n" : "the certificate does NOT hold\n");
    std::string out;
    JsonObject(out).raw("lines", "[" + text_ + "]").raw("passed", passed_ ? "true" : "false").finish();
    return out + "\n";
  }

 private:
  const JsonValue& certificate_;
  bool json_, passed_ = true;
  std::string text_;
};

void check_golden(Session& session, Lines& lines) {
  const SelfTest result = session.self_test();
  lines.compare("golden vectors", {"golden", "vectors"}, std::to_string(result.checked));
  lines.add(std::string("golden vectors, bits (") + session.kernel_set() + ")",
            result.failed == 0 && result.checked > 0, "equal", result.failed == 0 ? "equal" : result.first_failure);
}

Result<JsonValue> parse_certificate(const std::string& path, const std::string& text) {
  Result<JsonValue> certificate = parse_json(text);
  if (!certificate) return Error{certificate.error().code, path + ": " + certificate.error().message};
  const JsonValue* version = certificate->find("certificate");
  if (version != nullptr && version->text == kVersion && certificate->find("subject") != nullptr) return certificate;
  return Error{ErrorCode::kBadData, path + ": is no certificate of version " + std::string(kVersion) +
                                        ". Fix: give the certificate.json that the run wrote"};
}

}  // namespace

Result<Outcome> run_certificate(const Arguments& arguments, const Model& model, Session& session, Output& output,
                                const Warn& warn) {
  const Result<std::string> text = certificate_text(arguments.certificate);
  if (!text) return text.error();
  const Result<JsonValue> certificate = parse_certificate(arguments.certificate, *text);
  if (!certificate) return certificate.error();
  const Result<FileHashes> file = hashes_of(arguments.model);
  if (!file) return file.error();
  Lines lines(*certificate, arguments.json);
  const TextBinding binding = binding_of(*text);
  lines.add("certificate unchanged", binding.holds(), binding.stated.empty() ? "nothing" : binding.stated,
            binding.found);
  lines.add("certificate current", certificate->find("stale") == nullptr, "not stale",
            certificate->find("stale") == nullptr ? "not stale" : "stale");
  lines.compare("model bytes", {"subject", "model", "bytes"}, std::to_string(file->bytes));
  lines.compare("model SHA-256", {"subject", "model", "sha256"}, file->sha256);
  lines.compare("model XXH3", {"subject", "model", "xxh3"}, file->xxh3);
  lines.compare("model content hash", {"subject", "model", "content_hash"}, hex(model.content_hash()));
  lines.compare("numerics version", {"program", "numerics_version"}, std::to_string(spec::kNumericsVersion));
  check_golden(session, lines);
  Outcome verified;
  if (!arguments.parity.empty()) {
    const Result<FileHashes> parity = hashes_of(arguments.parity);
    if (!parity) return parity.error();
    lines.compare("parity SHA-256", {"subject", "parity", "sha256"}, parity->sha256);
    lines.compare("parity XXH3", {"subject", "parity", "xxh3"}, parity->xxh3);
  }
  output.write(printable(lines.text()));
  if (!arguments.parity.empty()) {
    const Result<Outcome> rows = run_verify(arguments, model, session, output, warn);
    if (!rows) return rows.error();
    verified = *rows;
  }
  verified.passed = verified.passed && lines.passed();
  return verified;
}

}  // namespace noggin::run_tool
