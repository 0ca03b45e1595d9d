#include "data/decisions/question_classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

using spec::TaskKind;

constexpr std::uint64_t kNearly = 4;  // as many answers as the most but for one in so many

bool is_usable(const std::vector<std::string>& names) { return static_cast<bool>(LabelSet::create(names)); }

bool has_string_of(const std::vector<Option>& options, std::string_view name) {
  return std::ranges::any_of(options, [name](const Option& o) { return !o.is_boolean && o.name == name; });
}

std::string option_class(const Question& question, const Option& option) {
  if (!option.is_boolean || !has_string_of(question.options, option.name)) return option.name;
  return option.name + " (boolean)";
}

bool fits_task(QuestionType type, TaskKind task) {
  return task == TaskKind::kSingleLabel ? type != QuestionType::kOther
                                        : task == TaskKind::kScore && type == QuestionType::kYesNo;
}

// The class of an option, or -1. The recipe may name levels by their texts or their positions.
std::int32_t class_of(const Question& question, std::size_t option, const LabelSet& labels) {
  const std::int32_t found = labels.find(option_class(question, question.options[option]));
  if (found >= 0) return found;
  if (question.type == QuestionType::kScore) return labels.find(std::to_string(option));
  if (question.type == QuestionType::kYesNo) return labels.find(option == 1 ? "true" : "false");
  return -1;
}

}  // namespace

std::vector<std::string> class_names(const Question& question) {
  std::vector<std::string> names;
  for (const Option& option : question.options) names.push_back(option_class(question, option));
  if (question.type != QuestionType::kScore || is_usable(names)) return names;
  for (std::size_t level = 0; level < names.size(); ++level) names[level] = std::to_string(level);
  return names;
}

QuestionMapper::QuestionMapper(std::string question, TaskKind task, const LabelSet& labels)
    : question_(std::move(question)), task_(task), labels_(labels) {}

Trouble QuestionMapper::look_up(const Question& asked) {
  if (asked.type == known_.type && asked.options == known_.options) return std::nullopt;
  known_ = {};
  places_.clear();
  classes_.clear();
  std::unordered_map<std::int32_t, std::size_t> place_of;
  for (std::size_t option = 0; option < asked.options.size(); ++option) {
    const std::int32_t index = class_of(asked, option, labels_);
    if (index < 0)
      return Rejection{Reason::kUnknownLabel,
                       fmt::format("the option {} of {}", excerpt(asked.options[option].name), excerpt(question_))};
    const auto [place, is_new] = place_of.emplace(index, classes_.size());
    places_.push_back(place->second);
    if (is_new) classes_.push_back(index);
  }
  known_ = asked;
  return std::nullopt;
}

Checked<ClassProbabilities> QuestionMapper::map(const DecisionRow& row) {
  const QuestionAnswer* asked = row.find(question_);
  if (asked == nullptr) return Rejection{Reason::kQuestionAbsent, excerpt(question_)};
  if (asked->missing) return *asked->missing;
  if (!fits_task(asked->type, task_))
    return Rejection{Reason::kQuestionTask, fmt::format("{} is of type {}", excerpt(question_), name_of(asked->type))};
  if (task_ == TaskKind::kScore) return ClassProbabilities{{0}, {asked->p[1]}, false, asked->clipped};
  if (Trouble trouble = look_up(*asked)) return *std::move(trouble);
  ClassProbabilities built{classes_, std::vector<double>(classes_.size(), 0.0), asked->label >= 0, asked->clipped};
  if (built.is_label)
    built.probabilities[places_[static_cast<std::size_t>(asked->label)]] = 1.0;
  else
    for (std::size_t option = 0; option < places_.size(); ++option)
      built.probabilities[places_[option]] += asked->p[option];
  return built;
}

std::vector<ProposedQuestion> propose_questions(const QuestionLedger& ledger) {
  std::vector<ProposedQuestion> proposed;
  const bool any_answer = std::ranges::any_of(
      ledger.questions(), [](const auto& question) { return question.second.answered + question.second.labels > 0; });
  for (const auto& [name, counts] : ledger.questions()) {
    const std::uint64_t answers = counts.answered + counts.labels;
    if (counts.options.size() < 2 || (answers == 0 && any_answer)) continue;
    ProposedQuestion question{.name = name, .type = counts.type};
    question.rows = counts.rows;
    question.options = counts.options.size();
    question.answered = answers;
    question.task = counts.type == QuestionType::kYesNo ? TaskKind::kScore : TaskKind::kSingleLabel;
    if (question.task == TaskKind::kSingleLabel) question.classes = class_names({name, counts.type, counts.options});
    const auto by_rows = [](const auto& a, const auto& b) { return a.second < b.second; };
    const auto wording = std::max_element(counts.wordings.begin(), counts.wordings.end(), by_rows);
    if (wording != counts.wordings.end()) question.wording = wording->first;
    proposed.push_back(std::move(question));
  }
  std::uint64_t most = 0;
  for (const ProposedQuestion& question : proposed) most = std::max(most, question.answered);
  const auto rank = [most](const ProposedQuestion& question) {
    return std::tuple(question.answered * kNearly >= most * (kNearly - 1), question.options,
                      question.type == QuestionType::kChoice, question.answered, question.rows);
  };
  std::stable_sort(proposed.begin(), proposed.end(),
                   [&rank](const ProposedQuestion& a, const ProposedQuestion& b) { return rank(a) > rank(b); });
  return proposed;
}

}  // namespace noggin::data
