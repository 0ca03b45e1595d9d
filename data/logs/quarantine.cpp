#include "data/logs/quarantine.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "data/lines/line_reader.h"

namespace noggin::data {
namespace {

Error cannot_write(const std::string& path) {
  const int code = errno;
  return Error{code == ENOSPC ? ErrorCode::kOutOfSpace : ErrorCode::kIo,
               fmt::format("{}: the quarantine file cannot be written: {}. Fix: check the output folder and free space",
                           path, std::strerror(code))};
}

}  // namespace

std::string describe(const std::string& file, std::uint64_t line, const Rejection& rejection) {
  const std::string detail = rejection.detail.empty() ? "" : " (" + rejection.detail + ")";
  return fmt::format("{}:{}: {}{}. Fix: {}", file, line, reason_text(rejection.reason), detail,
                     reason_fix(rejection.reason));
}

Status Quarantine::add(const std::string& file, std::uint64_t line, const Rejection& rejection,
                       std::string_view content) {
  if (path_.empty()) return {};
  if (!file_) file_.reset(std::fopen(path_.c_str(), "ab"));
  if (!file_) return cannot_write(path_);
  nlohmann::ordered_json row;
  row["file"] = file;
  row["line"] = line;
  row["reason"] = reason_code(rejection.reason);
  row["message"] = describe(file, line, rejection);
  row["fix"] = reason_fix(rejection.reason);
  row["content"] = content.substr(0, kExcerptBytes);
  const std::string text = row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) return cannot_write(path_);
  return {};
}

Status Quarantine::flush() {
  if (file_ && std::fflush(file_.get()) != 0) return cannot_write(path_);
  return {};
}

}  // namespace noggin::data
