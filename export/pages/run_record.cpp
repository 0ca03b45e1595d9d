#include "export/pages/run_record.h"

namespace noggin::exporter {

std::string quality_key(const RunRecord& run) { return string(member(run.results, "quality")); }

const Json& student_row(const RunRecord& run) {
  static const Json kNone;
  for (const Json& row : member(run.results, "targets"))
    if (string(member(row, "name")).starts_with("quantized")) return row;
  return kNone;
}

std::vector<std::pair<std::string, Interval>> student_measures(const RunRecord& run) {
  std::vector<std::pair<std::string, Interval>> measures;
  const Json& row = student_row(run);
  if (!row.is_object()) return measures;
  for (const auto& [key, value] : row.items())
    if (const auto measured = interval(value)) measures.emplace_back(key, *measured);
  return measures;
}

std::uint64_t rows_of(const RunRecord& run, std::string_view measure) {
  const MeasuredRows& measured = run.measured;
  if (measure == "none_recall") return measured.none_rows;
  return measured.rows_with_gold - (measure == "in_scope_accuracy" ? measured.none_rows : 0);
}

}  // namespace noggin::exporter
