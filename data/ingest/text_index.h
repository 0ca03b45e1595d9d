// Which texts a split has and what its rows say of each: finds texts that repeat, within a split and between splits,
// and tells plain repeats from contradictions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "data/logs/key_set.h"
#include "data/rows/record.h"
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
  std::uint64_t late_gold = 0;                   // rows with gold for a text that all rows before have without
  RowExample repeat{}, contradiction{}, gold{};  // the first of each
  // single_label: the classes of contradictions, the lower one first -> rows.
  std::map<std::pair<std::int32_t, std::int32_t>, std::uint64_t> classes{};
};

class TextIndex {
 public:
  explicit TextIndex(spec::TaskKind task = spec::TaskKind::kSingleLabel)
      : exclusive_(spec::traits_of(task).activation == spec::Activation::kSoftmax) {}
  // Adds a row of this split; true if its text is new. Counts it in `repeats` if not.
  bool add(const Record& record, Repeats& repeats);
  // Counts a row of another split if its text is here.
  void compare(const Record& record, Repeats& repeats) const;
  std::size_t size() const { return answers_.size(); }

 private:
  bool exclusive_;                 // of the teacher's classes one is right
  KeyMap<std::uint32_t> answers_;  // content key -> a digest of what the row says
};

}  // namespace noggin::data
