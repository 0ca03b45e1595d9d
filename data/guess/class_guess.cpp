#include "data/guess/class_guess.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "data/answers/bare_answer.h"
#include "data/answers/class_in_text.h"
#include "data/answers/ending.h"
#include "data/answers/prose.h"
#include "data/rows/class_name.h"
#include "data/rows/labels.h"

namespace noggin::data {
namespace {

constexpr std::string_view kNumberedToken = "token_id:";
constexpr std::ptrdiff_t kSentenceGaps = 2;  // words of a sentence have at least so many spaces between them

// The classes that were seen more than once, to hold the others against.
std::optional<LabelSet> frequent_classes(const WordCounts& words) {
  std::vector<std::string> names;
  for (const auto& [word, count] : words)
    if (count > 1) names.push_back(word);
  if (names.size() < 2) return std::nullopt;
  Result<LabelSet> labels = LabelSet::create(std::move(names));
  return labels ? std::optional<LabelSet>(*std::move(labels)) : std::nullopt;
}

bool only_mentions(const std::string& word, const LabelSet& labels) {
  if (labels.find_loosely(word) >= 0) return true;
  if (std::count(word.begin(), word.end(), ' ') < kSentenceGaps) return false;
  const Checked<ClassInText> found = find_class(word, labels);
  const auto* bad = std::get_if<Rejection>(&found);
  return bad == nullptr || bad->reason == Reason::kSeveralClassesInAnswer;
}

// Without what all begin with up to a colon: "Category: billing", "Category: delivery".
WordCounts without_heading(const WordCounts& words) {
  if (words.size() < 2) return words;
  const std::string& first = words.begin()->first;
  const std::string& last = words.rbegin()->first;  // they are sorted
  const std::size_t most = std::min(first.size(), last.size());
  std::size_t shared = 0;
  while (shared < most && first[shared] == last[shared]) ++shared;
  const std::size_t colon = std::string_view(first).substr(0, shared).rfind(": ");
  if (colon == std::string_view::npos) return words;
  WordCounts bare;
  for (const auto& [word, count] : words) bare[word.substr(colon + 2)] += count;
  return bare;
}

}  // namespace

WordCounts merge_spellings(const WordCounts& words) {
  std::map<std::string, std::pair<std::string, std::uint64_t>> best;
  WordCounts sums;
  for (const auto& [word, count] : words) {
    const std::string key = class_key(word);
    if (key.empty()) continue;
    sums[key] += count;
    auto& kept = best[key];
    if (count > kept.second) kept = {std::string(trimmed_name(word)), count};
  }
  WordCounts merged;
  for (const auto& [key, kept] : best) merged[kept.first] += sums[key];
  return merged;
}

void AnswerWords::add(const LoggedAnswer& answer) {
  std::string tokens;
  for (const TokenPosition& position : answer.positions) tokens += position.token;
  const std::string& text = answer.has_text ? answer.text : tokens;
  const std::string word = bare_answer(text);
  const bool numbered = tokens.starts_with(kNumberedToken);
  const bool spelt = tokens.empty() || numbered || tokens.find(word) != std::string::npos;
  add(text, is_cut(answer) || !spelt);
  if (numbered && answer.positions.size() == 1 && numbers_.size() < kMostClasses)
    ++numbers_[std::string(class_key(word))][tokens];
}

std::string AnswerWords::number_of(std::string_view name) const {
  const auto found = numbers_.find(class_key(name));
  if (found == numbers_.end() || found->second.size() != 1) return {};
  const std::string& number = found->second.begin()->first;
  const bool shared = std::ranges::any_of(
      numbers_, [&](const auto& other) { return other.first != found->first && other.second.contains(number); });
  return shared ? std::string() : number;
}

bool are_levels(const WordCounts& labels) {
  bool between = false;
  for (const auto& [label, count] : labels) {
    double level = -1.0;
    const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), level);
    if (error != std::errc() || end != label.data() + label.size() || level < 0.0 || level > 1.0) return false;
    between = between || (level > 0.0 && level < 1.0);
  }
  return between;
}

void AnswerWords::add(std::string_view text, bool doubtful) {
  ++answers_;
  const std::string word = bare_answer(text);
  if (word.empty() || word.size() > kLongestClassBytes || begins_with_refusal(word)) {
    ++unread_;
    return;
  }
  ++words_[word];
  if (!doubtful) ++sound_[word];
}

WordCounts AnswerWords::classes(std::uint64_t& unread) const {
  const WordCounts words = without_heading(merge_spellings(words_)), sound = without_heading(merge_spellings(sound_));
  const std::optional<LabelSet> frequent = frequent_classes(words);
  const std::uint64_t rare = answers_ < 200 ? 1 : std::max<std::uint64_t>(2, answers_ / 2000);
  WordCounts classes;
  unread = unread_;
  for (const auto& [word, count] : words) {
    const bool accident =
        count < rare || (count == 1 && frequent && (!sound.contains(word) || only_mentions(word, *frequent)));
    if (accident)
      unread += count;
    else
      classes[word] = count;
  }
  return classes;
}

}  // namespace noggin::data
