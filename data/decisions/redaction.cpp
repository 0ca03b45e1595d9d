#include "data/decisions/redaction.h"

#include <algorithm>

#include "data/rows/class_name.h"

namespace noggin::data {
namespace {

bool is_redaction_mark(std::string_view word) {
  if (word.find_first_of(" \t\r") != std::string_view::npos) return false;
  if (word.starts_with("redacted-by-")) return true;
  const std::size_t first = word.find_first_not_of("[<({*_"), last = word.find_last_not_of("])>}*_");
  if (first == 0 || first == std::string_view::npos || last == std::string_view::npos || last < first) return false;
  const std::string_view bare = word.substr(first, last - first + 1);
  return bare == "REDACTED" || bare == "redacted" || bare == "Redacted";
}

}  // namespace

bool is_redacted(std::string_view text) {
  bool any = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed_name(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const std::size_t colon = line.rfind(": "); colon != std::string_view::npos) line.remove_prefix(colon + 2);
    if (line.empty()) continue;
    if (!is_redaction_mark(line)) return false;
    any = true;
  }
  return any;
}

}  // namespace noggin::data
