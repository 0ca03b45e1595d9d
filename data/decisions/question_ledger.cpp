#include "data/decisions/question_ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "bytes/content_hash.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::uint64_t kFewestToVary = 10;  // rows below which as many wordings say nothing

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
  const auto is_asked = [&](const Option& option) {
    return std::find(question.options.begin(), question.options.end(), option) != question.options.end();
  };
  return std::all_of(counts.options.begin(), counts.options.end(), is_asked);  // both are sets of one size
}

// Counts under `key` while there is room; false: there is none.
template <typename Key>
bool count_kept(std::map<Key, std::uint64_t>& counts, const Key& key) {
  const auto found = counts.find(key);
  if (found == counts.end() && counts.size() >= QuestionLedger::kMostKept) return false;
  ++(found == counts.end() ? counts[key] : found->second);
  return true;
}

void count_wording(const std::string& wording, QuestionCounts& counts) {
  if (!count_kept(counts.wordings, wording)) ++counts.other_wordings;
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

void count_question(QuestionAnswer& asked, QuestionCounts& counts) {
  ++counts.rows;
  if (counts.type == QuestionType::kOther && asked.type != QuestionType::kOther && !asked.options.empty()) {
    counts.type = asked.type;
    counts.options = asked.options;
  }
  const bool is_read = asked.type != QuestionType::kOther && !asked.options.empty();
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

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return fmt::format("{} of {} rows ({:.1f} %)", part, whole,
                     100.0 * static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(whole, 1)));
}

void warn_of_answers(const std::string& name, const QuestionCounts& counts, std::vector<std::string>& warnings) {
  const auto warn = [&](std::uint64_t rows, std::string_view what) {
    if (rows > 0) warnings.push_back(fmt::format("question {}: {} {}", name, percent(rows, counts.rows), what));
  };
  for (const auto& [reason, rows] : counts.missing)
    warn(rows, fmt::format("have no teacher: {} ({}). Fix: {}", reason_text(reason), reason_code(reason),
                           reason_fix(reason)));
  warn(counts.choice_differs, "name a choice that is not the most probable option; the probabilities are believed");
  warn(counts.score_differs, "have a score that is not the mean of their levels; the probabilities are believed");
  warn(counts.legend_differs, "name other levels in the answer than in the request; levels are taken by position");
  warn(counts.clipped, "stand at 0.01 or 0.99, which that teacher gives as a bound");
}

}  // namespace

bool QuestionCounts::varies() const { return rows >= kFewestToVary && 2 * (wordings.size() + other_wordings) > rows; }

void QuestionLedger::add(DecisionRow& row) {
  const std::uint64_t text = hash_of(row.text);
  if (rows_++ == 0) first_text_ = text;
  same_text_ += text == first_text_ ? 1 : 0;
  if (row.answered) ++teacher_models_[row.model];
  rows_with_unasked_ += row.unasked > 0 ? 1 : 0;
  ++shapes_[row.shape];
  input_tokens_ += row.usage.input_tokens.value_or(0);
  output_tokens_ += row.usage.output_tokens.value_or(0);
  cost_ += row.usage.cost.value_or(0.0);
  for (QuestionAnswer& asked : row.questions) count_question(asked, questions_[asked.name]);
}

std::vector<std::string> QuestionLedger::errors(std::string_view question) const {
  std::vector<std::string> errors;
  const auto found = questions_.find(std::string(question));
  if (found == questions_.end()) {
    std::string names;
    for (const auto& [name, counts] : questions_) names.append(names.empty() ? "" : ", ").append(excerpt(name));
    errors.push_back(
        fmt::format("no row asks the question {}. The log asks: {}. Fix: name one of them in data.question",
                    excerpt(question), names));
    return errors;
  }
  if (has_constant_text())
    errors.push_back(
        fmt::format("all {} rows have the same text: a gateway has replaced it. Fix: log the texts", rows_));
  const QuestionCounts& counts = found->second;
  if (counts.varies())
    errors.push_back(fmt::format(
        "question {} varies: {} wordings on {} rows, so its instructions hold data that the model does not see. Fix: "
        "move what varies into state (or input), and ask the same question on every row",
        excerpt(question), counts.wording_hashes.size(), counts.wording_rows));
  if (counts.answered + counts.labels == 0 && counts.rows > 0)
    errors.push_back(fmt::format("no row answers the question {}. Fix: see the reasons", excerpt(question)));
  return errors;
}

std::vector<std::string> QuestionLedger::warnings(std::string_view question) const {
  std::vector<std::string> warnings;
  if (teacher_models_.size() > 1) {
    std::string models;
    for (const auto& [model, rows] : teacher_models_)
      models += fmt::format("{}{} ({})", models.empty() ? "" : ", ", excerpt(model), rows);
    warnings.push_back(
        fmt::format("{} models answered: {}. Fix: choose with data.teacher_models", teacher_models_.size(), models));
  }
  if (rows_with_unasked_ > 0)
    warnings.push_back(
        fmt::format("{} answer questions that their requests do not ask. Fix: log each answer beside its own request",
                    percent(rows_with_unasked_, rows_)));
  const auto found = questions_.find(std::string(question));
  if (found == questions_.end()) return warnings;
  const std::string name = excerpt(question);
  const QuestionCounts& counts = found->second;
  if (counts.wordings.size() > 1 && !counts.varies()) {
    std::string wordings;
    for (const auto& [wording, rows] : counts.wordings)
      if (wordings.size() < 400)
        wordings += fmt::format("{}{} ({})", wordings.empty() ? "" : ", ", excerpt(wording), rows);
    warnings.push_back(fmt::format("question {} has {} wordings: {}", name, counts.wording_hashes.size(), wordings));
  }
  warn_of_answers(name, counts, warnings);
  return warnings;
}

}  // namespace noggin::data
