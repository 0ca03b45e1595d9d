// What a finished run comes to: which file is worth shipping, and the next command for this outcome.
#pragma once

#include "train/cli/arguments.h"
#include "train/cli/console.h"
#include "train/cli/stages.h"
#include "train/cli/static_student.h"

namespace noggin::tool {

// The primary metric of each candidate on dev, which decides, whatever is measured on.
struct DevQuality {
  double student = 0.0, static_student = 0.0, linear = 0.0;
};

struct FinishedRun {
  const ExportedModel& model;
  const Baseline& baseline;             // nog: empty if it is no file
  const StaticStudent* static_student;  // null: none was trained
  const VerifiedModel& verified;
  const DevQuality dev;
  const exporter::ResultTable& table;  // a warning: the student is not clearly better than the baseline
};

// In agreement with the exit code: a student that failed its gates gets another name (shipping.h) and is not offered.
Summary summary_of(const Arguments& arguments, const RunContext& context, const FinishedRun& run);

}  // namespace noggin::tool
