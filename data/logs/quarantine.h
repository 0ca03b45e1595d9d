// The file of rejected lines, as JSON lines:
//   {"file", "line", "reason", "message", "fix", "content"}
// `message` reads like a compiler's: "logs/a.jsonl:1812: choices[0].logprobs is null (...). Fix: ...". `content` is the
// line, cut to 2,000 bytes, invalid UTF-8 replaced. It holds user text: treat it like the log.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "data/rows/rejection.h"
#include "noggin/result.h"

namespace noggin::data {

class Quarantine {
 public:
  Quarantine() = default;  // discards what it is given
  // Appends to `path`, which is created when the first line arrives.
  explicit Quarantine(std::string path) : path_(std::move(path)) {}
  Status add(const std::string& file, std::uint64_t line, const Rejection& rejection, std::string_view content);
  Status flush();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

// "file:line: text (detail). Fix: ...".
std::string describe(const std::string& file, std::uint64_t line, const Rejection& rejection);

}  // namespace noggin::data
