// One question of a decision log as the data of one of today's tasks.
//
//   question   task            what becomes of it
//   choice     single_label    one class per option
//   yes/no     score           the teacher's probability of yes
//   yes/no     single_label    the classes "no" and "yes" ("false" and "true" are words for them)
//   score      single_label    one class per level; that levels have an order is not used
// Other pairs are kQuestionTask.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/decisions/decision.h"
#include "data/decisions/question_ledger.h"
#include "data/rows/labels.h"
#include "spec/model_config.h"

namespace noggin::data {

// Names of the classes of a question, one per option, in the order asked. A boolean is named like the string; where
// the question has both, it is "true (boolean)". Levels whose texts cannot be names of classes (too long, not distinct)
// are named "0", "1", ...
std::vector<std::string> class_names(const Question& question);

// What the teacher says of one row. single_label: all classes of the question with their probabilities, whose sum is 1:
// there is no tail. score: class 0 and P(yes).
struct ClassProbabilities {
  std::vector<std::int32_t> classes{};
  std::vector<double> probabilities{};
  bool is_label = false;  // the teacher gave a choice only: one class with probability 1
  bool is_bound = false;  // Answer::clipped
};

// Maps the rows of one log. Classes of options are looked up once for each order in which they are asked in a row.
class QuestionMapper {
 public:
  // `labels` must outlive the mapper. They may be in any order, have further classes, and give two options one class
  // (LabelSet's words); their probabilities are added.
  QuestionMapper(std::string question, spec::TaskKind task, const LabelSet& labels);

  // Rejected: the question is not asked (kQuestionAbsent), has no answer (Answer::missing), or does not fit the task
  // (kQuestionTask); an option is no class (kUnknownLabel).
  Checked<ClassProbabilities> map(const DecisionRow& row);

 private:
  Trouble look_up(const Question& asked);

  std::string question_;
  spec::TaskKind task_;
  const LabelSet& labels_;
  Question known_{};                   // whose options are looked up
  std::vector<std::size_t> places_{};  // of each option in classes_
  std::vector<std::int32_t> classes_{};
};

// What a recipe could train.
struct ProposedQuestion {
  std::string name;
  QuestionType type = QuestionType::kOther;
  spec::TaskKind task = spec::TaskKind::kSingleLabel;
  std::vector<std::string> classes{};  // empty for score
  std::string wording{};               // the most frequent one
  std::uint64_t rows = 0, answered = 0;
  std::size_t options = 0;
};
// Questions with an answer: those with nearly as many as any other first, of these the ones with most options.
// `ledger` has seen the first rows of a log. Where it has seen no answers, because they stand elsewhere: all questions.
std::vector<ProposedQuestion> propose_questions(const QuestionLedger& ledger);

}  // namespace noggin::data
