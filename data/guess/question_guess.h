// What the first documents of logs say of typed decisions: the questions that they ask, and which files belong side by
// side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/decisions/question_classes.h"
#include "data/decisions/question_ledger.h"
#include "data/logs/row_finder.h"

namespace noggin::data {

class QuestionGuess {
 public:
  // A document of file number `file`: as it was found, and its text. Whether it is one of typed decisions; then it is
  // counted.
  bool look_at(std::size_t file, JsonValue root, const FoundRow& found, EmbeddedJson& inner, std::string_view document);

  // That answer, or could: of a log that is joined, answers are not counted here.
  std::vector<ProposedQuestion> questions() const { return propose_questions(ledger_); }
  std::uint64_t documents() const { return documents_; }
  // Files of requests without ids and the files of their answers, the n-th of the ones with the n-th of the others;
  // nothing if there are not as many of both.
  std::vector<std::pair<std::size_t, std::size_t>> side_by_side() const;

 private:
  QuestionLedger ledger_;
  std::uint64_t documents_ = 0;
  std::vector<std::size_t> asking_, answering_;  // files without ids
};

}  // namespace noggin::data
