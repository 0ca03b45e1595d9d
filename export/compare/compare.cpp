#include "export/compare/compare.h"

#include <algorithm>
#include <set>

#include "export/compare/changes.h"
#include "export/compare/judged_rows.h"
#include "export/compare/measures.h"
#include "export/compare/slices.h"
#include "export/compare/verdict.h"

namespace noggin::exporter {
namespace {

// The share of `rows` for which `is` holds.
template <typename Is>
Interval share_of(const CompareInput& input, std::span<const std::uint32_t> rows, const Is& is) {
  std::vector<data::RowScore> scores;
  for (const std::uint32_t row : rows) scores.push_back({is(row) ? 1.0 : 0.0, 1.0});
  std::vector<std::uint32_t> clusters;
  return bootstrap_ratio(scores, resampling(input, rows, clusters));
}

}  // namespace

Comparison compare(const CompareInput& input) {
  const JudgedRows judged = judge_rows(input);
  Comparison result;
  result.same_file = input.same_file;
  result.task = input.reader.traits().name;
  result.rows = input.rows.rows();
  result.rows_with_gold = judged.gold.size();
  result.group_field = input.group_field;
  result.groups = std::set(input.groups.begin(), input.groups.end()).size();
  result.measures = measure_rows(input, judged);
  result.paired = paired_rows(judged, judged.gold);
  decide(input, judged, result);
  std::vector<std::uint32_t> all(input.rows.rows());
  for (std::uint32_t row = 0; row < all.size(); ++row) {
    all[row] = row;
    if (input.before.bits[row] == input.after.bits[row]) ++result.same_bits;
  }
  result.changed = static_cast<std::uint64_t>(std::ranges::count_if(judged.changed, [](char is) { return is != 0; }));
  result.churn = share_of(input, all, [&](std::uint32_t row) { return judged.changed[row] != 0; });
  result.negative_flips = share_of(input, judged.gold, [&](std::uint32_t row) { return judged.broken(row); });
  result.teacher = changes_by_teacher(input, judged);
  result.slices = slice_rows(input, judged);
  result.changes = changed_rows(input, judged);
  return result;
}

}  // namespace noggin::exporter
