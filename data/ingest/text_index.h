// Which texts a split has and what its rows say of each: finds texts that repeat, within a split and between splits,
// and tells plain repeats from contradictions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "data/ingest/key_runs.h"
#include "data/ingest/near_texts.h"
#include "data/rows/record.h"
#include "noggin/result.h"
#include "spec/task.h"

namespace noggin::data {

// A row to show in a message.
struct RowExample {
  std::string file{};
  std::uint64_t line = 0;
  std::string text{};
  std::int32_t label = kNoLabel, other_label = kNoLabel;  // single_label: what this row and the other one say
};

// Rows whose text is also in a split that was read before, or earlier in the same one.
struct Repeats {
  std::uint64_t rows = 0;
  // Of these, rows with other gold than the other row, or, if neither has gold, another first answer of the teacher.
  std::uint64_t contradictions = 0;
  RowExample repeat{}, contradiction{};  // the first of each
  // Rows whose text is in the other split but for case, white space and punctuation (near_texts.h), and the first.
  std::uint64_t near = 0;
  RowExample near_example{};
  // single_label: the classes of contradictions, the lower one first -> rows.
  std::map<std::pair<std::int32_t, std::int32_t>, std::uint64_t> classes{};
};

// What a row adds to the first row of its split with the same text.
struct RepeatOf {
  bool is_new = true;                            // no row had this text
  std::uint64_t row = 0;                         // else the first one's number among the rows that were kept
  bool adds_gold = false, adds_teacher = false;  // the first one has none, nor has a row before this one
  bool replaces_gold = false;                    // the first one's is what a teacher wrote, and this row's is not
  bool averages = false;                         // both have a teacher's answer
  bool gives_gold() const { return adds_gold || replaces_gold; }
  bool completes() const { return gives_gold() || adds_teacher; }
};

class TextIndex {
 public:
  explicit TextIndex(spec::TaskKind task = spec::TaskKind::kSingleLabel)
      : exclusive_(spec::traits_of(task).activation == spec::Activation::kSoftmax) {}
  // Adds a row of this split, which would be its `row`-th kept one. Counts it in `repeats` if its text is known. The
  // errors of KeyRuns.
  Result<RepeatOf> add(const Record& record, std::uint64_t row, Repeats& repeats);
  // Counts a row of another split if its text is here, or nearly.
  Status compare(const Record& record, Repeats& repeats) const;
  std::size_t size() const { return answers_.size(); }

 private:
  bool exclusive_;  // of the teacher's classes one is right
  struct Answer {
    std::uint32_t digest;  // of what the row says
    std::uint32_t row;     // its number; kept for the first 2^32 - 1 rows, later texts are not joined
  };
  KeyRuns answers_;  // an Answer by content key
  NearTexts near_;
};

}  // namespace noggin::data
