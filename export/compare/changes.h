// The rows that both models answer differently, each with both answers; and what changes where there is no gold.
#pragma once

#include <vector>

#include "export/compare/judged_rows.h"

namespace noggin::exporter {

std::vector<ChangedRow> changed_rows(const CompareInput& input, const JudgedRows& judged);

TeacherChanges changes_by_teacher(const CompareInput& input, const JudgedRows& judged);

}  // namespace noggin::exporter
