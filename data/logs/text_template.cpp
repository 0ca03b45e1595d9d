#include "data/logs/text_template.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/rows/excerpt.h"
#include "data/rows/invalid.h"

namespace noggin::data {
namespace {

constexpr std::string_view kText = "{text}";
constexpr std::string_view kWhite = " \t\r\n";
constexpr std::uint64_t kFewPrompts = 20;
constexpr std::size_t kLeastBytes = 12;  // of a template

std::string_view without_outer_white(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) + 1 - first);
}

// How much of the beginning belongs to a template: up to the last line end, colon with its space, or opening quote.
std::size_t end_of_frame(std::string_view shared) {
  std::size_t end = 0;
  for (const std::string_view mark : {"\n", ": ", "\"", "'''", "```", ">"})
    if (const std::size_t at = shared.rfind(mark); at != std::string_view::npos) end = std::max(end, at + mark.size());
  return end;
}

// And of the end: from the first line end, or closing quote.
std::size_t begin_of_frame(std::string_view shared) { return std::min(shared.find_first_of("\n\"<"), shared.size()); }

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

Result<TextTemplate> TextTemplate::parse(std::string_view written) {
  const std::size_t at = written.find(kText);
  if (at == std::string_view::npos || written.find(kText, at + 1) != std::string_view::npos)
    return invalid(
        fmt::format("the template {} must have {} once: where the text stands in a prompt", excerpt(written), kText));
  TextTemplate parsed;
  std::string_view before = written.substr(0, at), behind = written.substr(at + kText.size());
  before.remove_prefix(std::min(before.find_first_not_of(kWhite), before.size()));
  behind = behind.substr(0, behind.find_last_not_of(kWhite) + 1);
  parsed.before_ = before;
  parsed.behind_ = behind;
  if (!before.empty() || !behind.empty()) return parsed;
  return invalid(fmt::format("the template {} has nothing but {}. Fix: leave it out", excerpt(written), kText));
}

bool TextTemplate::take_text(std::string& prompt) const {
  std::string_view text = without_outer_white(prompt);
  if (text.size() < before_.size() + behind_.size() || !text.starts_with(before_) || !text.ends_with(behind_))
    return false;
  text.remove_prefix(before_.size());
  text.remove_suffix(behind_.size());
  prompt = std::string(without_outer_white(text));
  return true;
}

void CommonTemplate::add(std::string_view prompt) {
  prompt = without_outer_white(prompt);
  if (prompts_++ == 0) {
    before_ = behind_ = first_ = prompt;
    return;
  }
  differ_ = differ_ || prompt != first_;
  const auto shared = std::mismatch(before_.begin(), before_.end(), prompt.begin(), prompt.end());
  before_.erase(shared.first, before_.end());
  const auto shared_end = std::mismatch(behind_.rbegin(), behind_.rend(), prompt.rbegin(), prompt.rend());
  behind_.erase(behind_.begin(), shared_end.first.base());
}

std::string CommonTemplate::written() const {
  if (prompts_ < kFewPrompts || !differ_) return {};
  const std::string before = before_.substr(0, end_of_frame(before_));
  std::size_t from = begin_of_frame(behind_);
  while (from < behind_.size() && !begins_character(behind_[from])) ++from;
  const std::string behind = behind_.substr(from);
  if (before.size() + behind.size() < kLeastBytes || (before + behind).find(kText) != std::string::npos) return {};
  return before + std::string(kText) + behind;
}

}  // namespace noggin::data
