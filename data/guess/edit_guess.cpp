#include "data/guess/edit_guess.h"

#include <algorithm>

#include "data/json/json_path.h"

namespace noggin::data {
namespace {

constexpr std::uint64_t kMostEdits = 1000;  // rows, or pairs, that are looked at
constexpr std::size_t kMostStrings = 8;     // of a row
constexpr std::size_t kLongestEdit = 4096;  // bytes

std::size_t words_of(std::string_view text) {
  std::size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    words += !blank && !inside ? 1 : 0;
    inside = !blank;
  }
  return words;
}

}  // namespace

// A target of less than a third of the words is a part of the text, as of answers looked up in it, and not an edit.
void EditCount::add(std::string_view text, std::string_view target, const DeletionFinder& deletions) {
  ++pairs_;
  const std::size_t words = words_of(text), left = words_of(target);
  if (left < 2 || left > words || left * 3 < words || text.size() > kLongestEdit) return;
  if (!deletions.find(text, target)) return;
  ++edits_;
  shorter_ += left < words ? 1 : 0;
}

void EditFields::look_at(JsonValue row) {
  JsonObject object;
  if (rows_ >= kMostEdits || row.get_object().get(object) != simdjson::SUCCESS) return;
  ++rows_;
  std::vector<std::pair<std::string_view, std::string_view>> strings;
  for (const auto field : object)
    if (field.value.is_string() && strings.size() < kMostStrings)
      strings.emplace_back(field.key, string_of(field.value));
  for (const auto& [name, text] : strings)
    for (const auto& [other, target] : strings)
      if (name != other && words_of(text) > 1)
        pairs_[{std::string(name), std::string(other)}].add(text, target, deletions_);
}

EditFields::Names EditFields::names() const {
  const auto most = std::ranges::max_element(pairs_, {}, [](const auto& pair) { return pair.second.edits(); });
  if (most == pairs_.end() || !most->second.is_edit() || most->second.edits() * 2 <= rows_) return {};
  return {most->first.first, most->first.second};
}

void EditAnswers::add_asked(std::size_t file, std::string_view id, std::string_view text) {
  if (const auto answer = answered_.find(id); answer != answered_.end()) return add(file, text, answer->second);
  if (asked_.size() < kMostEdits) asked_.try_emplace(std::string(id), Asked{file, std::string(text)});
}

void EditAnswers::add_answered(std::string_view id, std::string_view answer) {
  if (const auto asked = asked_.find(id); asked != asked_.end())
    return add(asked->second.file, asked->second.text, answer);
  if (answered_.size() < kMostEdits) answered_.try_emplace(std::string(id), std::string(answer));
}

void EditAnswers::add(std::size_t file, std::string_view text, std::string_view answer) {
  if (pairs_.size() < kMostEdits) pairs_.push_back({{file, std::string(text)}, std::string(answer)});
}

bool EditAnswers::is_edit(
    const std::function<std::string(std::size_t file, const std::string& prompt)>& text_of) const {
  const DeletionFinder deletions;
  EditCount count;
  for (const auto& [asked, answer] : pairs_) count.add(text_of(asked.file, asked.text), answer, deletions);
  return count.is_edit();
}

}  // namespace noggin::data
