// What a whole log of typed decisions asks and answers, question by question. Memory does not grow with the log: no
// more than kMostQuestions are counted, each with at most kMostKept wordings and orders, and hashes of kMostHashed
// wordings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "data/decisions/decision.h"

namespace noggin::data {

struct QuestionCounts {
  QuestionType type = QuestionType::kOther;
  std::vector<Option> options{};                       // of the first row, in its order
  std::uint64_t rows = 0;                              // that ask it
  std::uint64_t answered = 0;                          // with a distribution
  std::uint64_t labels = 0;                            // with a choice taken as a label
  std::map<Reason, std::uint64_t> missing{};           // rows without either, by reason; with answered and labels: rows
  std::map<std::string, std::uint64_t> wordings{};     // rows by wording; of the first kMostKept wordings
  std::uint64_t other_wordings = 0;                    // rows of further wordings
  std::unordered_set<std::uint64_t> wording_hashes{};  // of the first kMostHashed wordings
  std::uint64_t wording_rows = 0;                      // rows until there were as many
  // Choice: rows by order of the options, 0: as in the first row, else a hash; of the first kMostKept orders.
  std::map<std::uint64_t, std::uint64_t> orders{};
  std::map<int, std::uint64_t> decimals{};  // answered rows by decimals (Answer::decimals)
  std::uint64_t rounded = 0;                // rows whose numbers did not sum to 1
  std::uint64_t clipped = 0;                // rows whose p is a bound
  std::uint64_t at_zero_or_one = 0;         // rows with all mass on one option, as logged
  std::uint64_t with_zero = 0;              // rows with an option at exactly 0
  std::uint64_t choice_differs = 0, score_differs = 0, legend_differs = 0;  // see Answer

  // The log's, the most that any row needs: 2 to 6; 7: not rounded; 0: no answers.
  int log_decimals() const { return decimals.empty() ? 0 : decimals.rbegin()->first; }
  // The instructions are another text on most rows: they hold data, which the model does not see.
  bool varies() const;
};

class QuestionLedger {
 public:
  static constexpr std::size_t kMostQuestions = 4096, kMostKept = 256, kMostHashed = 4096;

  // Counts a row. A question with other options than in the first row that asked it (for a score: another number of
  // levels) loses its answer: missing becomes kQuestionChanged.
  void add(DecisionRow& row);

  std::uint64_t rows() const { return rows_; }
  const std::map<std::string, QuestionCounts>& questions() const { return questions_; }
  const std::map<std::string, std::uint64_t>& teacher_models() const { return teacher_models_; }  // answered rows
  // Rows with an answer to a question that they do not ask. In files that are joined line by line it is the sign that
  // they do not belong together.
  std::uint64_t rows_with_unasked() const { return rows_with_unasked_; }
  // Answers to questions beyond the first kMostQuestions, by name: such a log puts data into names.
  std::uint64_t other_questions() const { return other_questions_; }
  const std::map<DecisionShape, std::uint64_t>& shapes() const { return shapes_; }
  // Several rows, and all have the same text: what a gateway that redacts leaves.
  bool has_constant_text() const { return rows_ > 1 && rows_ == same_text_; }
  std::int64_t input_tokens() const { return input_tokens_; }
  std::int64_t output_tokens() const { return output_tokens_; }
  double cost() const { return cost_; }

 private:
  std::map<std::string, QuestionCounts> questions_;
  std::map<std::string, std::uint64_t> teacher_models_;
  std::map<DecisionShape, std::uint64_t> shapes_;
  std::uint64_t rows_with_unasked_ = 0, other_questions_ = 0;
  std::uint64_t rows_ = 0, same_text_ = 0, first_text_ = 0;  // first_text_: a hash
  std::int64_t input_tokens_ = 0, output_tokens_ = 0;
  double cost_ = 0.0;
};

}  // namespace noggin::data
