#include "data/decisions/question_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "bytes/content_hash.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::uint64_t kFewestToVary = 10;  // rows below which as many wordings say nothing
constexpr std::size_t kMostKeptBytes = 2000;

std::uint64_t hash_of(std::string_view text) { return content_hash(text.data(), text.size()); }

std::uint64_t hash_of_order(const std::vector<Option>& options) {
  std::string names;
  for (const Option& option : options) names.append(option.name).append(option.is_boolean ? "\1" : "\2");
  return hash_of(names);
}

// For a score the number of levels counts, for a choice the set of options.
bool asks_the_same(const QuestionCounts& counts, const Question& question) {
  if (counts.type != question.type || counts.options.size() != question.options.size()) return false;
  if (question.type != QuestionType::kChoice || counts.options == question.options) return true;
  const auto sorted = [](std::vector<Option> options) {
    std::sort(options.begin(), options.end(), [](const Option& a, const Option& b) {
      return std::tie(a.name, a.is_boolean) < std::tie(b.name, b.is_boolean);
    });
    return options;
  };
  return sorted(counts.options) == sorted(question.options);
}

// Counts under `key` while there is room; false: there is none.
template <typename Key>
bool count_kept(std::map<Key, std::uint64_t>& counts, const Key& key) {
  const auto found = counts.find(key);
  if (found == counts.end() && counts.size() >= QuestionLedger::kMostKept) return false;
  ++(found == counts.end() ? counts[key] : found->second);
  return true;
}

// Short enough to keep; two long texts of one beginning stay two.
std::string kept_text(const std::string& text) {
  if (text.size() <= kMostKeptBytes) return text;
  return fmt::format("{} ... ({:016x})", excerpt(text, kMostKeptBytes), hash_of(text));
}

void count_wording(const std::string& wording, QuestionCounts& counts) {
  if (!count_kept(counts.wordings, kept_text(wording))) ++counts.other_wordings;
  if (counts.wording_hashes.size() >= QuestionLedger::kMostHashed) return;
  ++counts.wording_rows;
  counts.wording_hashes.insert(hash_of(wording));
}

void count_answer(const QuestionAnswer& answer, QuestionCounts& counts) {
  ++(answer.label >= 0 ? counts.labels : counts.answered);
  if (answer.label >= 0) return;
  ++counts.decimals[answer.decimals];
  counts.rounded += answer.was_rounded ? 1 : 0;
  counts.clipped += answer.clipped ? 1 : 0;
  counts.at_zero_or_one += answer.has_one ? 1 : 0;
  counts.with_zero += answer.has_zero ? 1 : 0;
  counts.choice_differs += answer.choice_differs ? 1 : 0;
  counts.score_differs += answer.score_differs ? 1 : 0;
  counts.legend_differs += answer.legend_differs ? 1 : 0;
}

// Whether the question itself could be read, whatever its answer.
bool is_readable(const QuestionAnswer& asked) {
  const std::optional<Rejection>& missing = asked.missing;
  const bool is_unread =
      missing && (missing->reason == Reason::kQuestionType || missing->reason == Reason::kWrongType ||
                  missing->reason == Reason::kRepeatedField);
  return asked.type != QuestionType::kOther && !asked.options.empty() && !is_unread;
}

void count_question(QuestionAnswer& asked, QuestionCounts& counts) {
  ++counts.rows;
  const bool is_read = is_readable(asked);
  if (is_read && counts.type == QuestionType::kOther) {
    counts.type = asked.type;
    counts.options = asked.options;
  }
  if (is_read && !asks_the_same(counts, asked)) {
    asked.p.clear();
    asked.label = -1;
    asked.missing = Rejection{Reason::kQuestionChanged, excerpt(asked.name)};
  } else if (is_read) {
    count_wording(asked.wording, counts);
    if (asked.type == QuestionType::kChoice)
      count_kept(counts.orders, asked.options == counts.options ? 0 : hash_of_order(asked.options));
  }
  if (asked.missing)
    ++counts.missing[asked.missing->reason];
  else
    count_answer(asked, counts);
}

}  // namespace

bool QuestionCounts::varies() const {
  return wording_rows >= kFewestToVary && 2 * wording_hashes.size() > wording_rows;
}

void QuestionLedger::add(DecisionRow& row) {
  const std::uint64_t text = hash_of(row.text);
  if (rows_++ == 0) first_text_ = text;
  same_text_ += text == first_text_ ? 1 : 0;
  if (row.answered) count_kept(teacher_models_, kept_text(row.model));
  rows_with_unasked_ += row.unasked > 0 ? 1 : 0;
  ++shapes_[row.shape];
  input_tokens_ += row.usage.input_tokens.value_or(0);
  output_tokens_ += row.usage.output_tokens.value_or(0);
  cost_ += row.usage.cost.value_or(0.0);
  for (QuestionAnswer& asked : row.questions) {
    if (questions_.size() < kMostQuestions || questions_.contains(asked.name))
      count_question(asked, questions_[asked.name]);
    else
      ++other_questions_;
  }
}

}  // namespace noggin::data
