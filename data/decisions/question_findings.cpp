#include "data/decisions/question_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::size_t kMostListed = 10;  // names in one message

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return fmt::format("{} of {} rows ({:.1f} %)", part, whole,
                     100.0 * static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(whole, 1)));
}

// "a" (7), "b" (1), ...: the most frequent first.
std::string listed(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string list;
  for (std::size_t i = 0; i < std::min(sorted.size(), kMostListed); ++i)
    list += fmt::format("{}{} ({})", i == 0 ? "" : ", ", excerpt(sorted[i].first), sorted[i].second);
  return sorted.size() > kMostListed ? list + ", ..." : list;
}

class Findings {
 public:
  Findings(const QuestionLedger& ledger, std::string_view question) : ledger_(ledger), name_(excerpt(question)) {}

  std::vector<QuestionFinding> of_log() && {
    std::map<std::string, std::uint64_t> asked;
    for (const auto& [name, counts] : ledger_.questions()) asked.emplace(name, counts.rows);
    error("question_absent", fmt::format("no row asks the question {}. The log asks: {}. Fix: name one of them in "
                                         "data.question",
                                         name_, listed(asked)));
    return std::move(findings_);
  }

  std::vector<QuestionFinding> of(const QuestionCounts& counts) && {
    add_errors(counts);
    add_warnings_of_log();
    if (counts.wordings.size() > 1 && !counts.varies())
      warn("question_wordings", fmt::format("question {} has {} wordings: {}", name_, counts.wording_hashes.size(),
                                            listed(counts.wordings)));
    for (const auto& [reason, rows] : counts.missing)
      warn_rows(reason_code(reason), rows, counts,
                fmt::format("have no teacher: {}. Fix: {}", reason_text(reason), reason_fix(reason)));
    warn_rows("choice_differs", counts.choice_differs, counts,
              "name a choice that is not the most probable option; the probabilities are believed");
    warn_rows("score_differs", counts.score_differs, counts,
              "have a score that is not the mean of their levels; the probabilities are believed");
    warn_rows("legend_differs", counts.legend_differs, counts,
              "name other levels in the answer than in the request; levels are taken by position");
    warn_rows("clipped", counts.clipped, counts, "stand at 0.01 or 0.99, which that teacher gives as a bound");
    return std::move(findings_);
  }

 private:
  void error(std::string_view code, std::string text) {
    findings_.push_back({std::string(code), std::move(text), true});
  }
  void warn(std::string_view code, std::string text) {
    findings_.push_back({std::string(code), std::move(text), false});
  }

  void warn_rows(std::string_view code, std::uint64_t rows, const QuestionCounts& counts, std::string_view what) {
    if (rows > 0) warn(code, fmt::format("question {}: {} {}", name_, percent(rows, counts.rows), what));
  }

  void add_errors(const QuestionCounts& counts) {
    if (ledger_.has_constant_text())
      error(
          "constant_text",
          fmt::format("all {} rows have the same text: a gateway has replaced it. Fix: log the texts", ledger_.rows()));
    if (counts.varies())
      error(
          "question_varies",
          fmt::format("question {} has {} wordings on {} rows: its instructions hold data that the model does not see. "
                      "Fix: move what varies into state (or input), and ask the same question on every row",
                      name_, counts.wording_hashes.size(), counts.wording_rows));
    const auto changed = counts.missing.find(Reason::kQuestionChanged);
    if (changed != counts.missing.end() && 2 * changed->second > counts.rows)
      error(reason_code(Reason::kQuestionChanged),
            fmt::format("question {}: {} have other options than the first row that asks it. Fix: {}", name_,
                        percent(changed->second, counts.rows), reason_fix(Reason::kQuestionChanged)));
    if (counts.answered + counts.labels == 0)
      error("question_unanswered", fmt::format("no row answers the question {}. Fix: see why below", name_));
  }

  void add_warnings_of_log() {
    if (ledger_.other_questions() > 0)
      warn("many_questions",
           fmt::format("the log names more than {} questions; the others are not counted. Fix: ask the "
                       "same question under the same name",
                       QuestionLedger::kMostQuestions));
    if (ledger_.teacher_models().size() > 1)
      warn("several_teachers", fmt::format("{} models answered: {}. Fix: choose with data.teacher_models",
                                           ledger_.teacher_models().size(), listed(ledger_.teacher_models())));
    if (ledger_.rows_with_unasked() > 0)
      warn(
          "unasked_answers",
          fmt::format("{} answer questions that their requests do not ask. Fix: log each answer beside its own request",
                      percent(ledger_.rows_with_unasked(), ledger_.rows())));
  }

  const QuestionLedger& ledger_;
  std::string name_;
  std::vector<QuestionFinding> findings_{};
};

}  // namespace

std::vector<QuestionFinding> question_findings(const QuestionLedger& ledger, std::string_view question) {
  Findings findings(ledger, question);
  const auto found = ledger.questions().find(std::string(question));
  return found == ledger.questions().end() ? std::move(findings).of_log() : std::move(findings).of(found->second);
}

}  // namespace noggin::data
