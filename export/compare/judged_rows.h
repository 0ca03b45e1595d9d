// Both models' answers held against gold and teacher, row by row: what measures, slices and lists are made of.
#pragma once

#include <optional>
#include <vector>

#include "data/metrics/row_score.h"
#include "export/compare/compare.h"

namespace noggin::exporter {

struct JudgedRows {
  std::vector<std::uint32_t> gold;                        // rows with a gold answer, ascending
  std::vector<char> is_gold;                              // [N]
  std::vector<data::RowScore> score_before, score_after;  // [N] of the primary measure; {0, 0} without gold
  std::vector<char> right_before, right_after;            // [N] the whole answer is; 0 without gold
  std::vector<char> changed;                              // [N] another decision (runtime::same_decision)
  std::vector<std::optional<train::Prediction>> teacher;  // [N]

  bool has_gold(std::size_t row) const { return is_gold[row] != 0; }
  bool mended(std::size_t row) const { return right_before[row] == 0 && right_after[row] != 0; }
  bool broken(std::size_t row) const { return right_before[row] != 0 && right_after[row] == 0; }
};
JudgedRows judge_rows(const CompareInput& input);

// Counts of these rows; those without gold are left out.
PairedRows paired_rows(const JudgedRows& judged, std::span<const std::uint32_t> rows);
// McNemar's test of these rows, or the one of groups if the input has any.
McNemar paired_test(const CompareInput& input, const JudgedRows& judged, std::span<const std::uint32_t> rows);

// The gold answer as a model would give it. Only for rows with gold, not for edit, whose gold is a text.
train::Prediction gold_answer(const data::ExampleTable& rows, std::size_t row);
// Gold in words; "" without.
std::string describe_gold(const train::TaskReader& reader, const data::ExampleTable& rows, std::size_t row);

// The resampling of these rows: `clusters` holds their groups and must outlive the options.
BootstrapOptions resampling(const CompareInput& input, std::span<const std::uint32_t> rows,
                            std::vector<std::uint32_t>& clusters);

}  // namespace noggin::exporter
