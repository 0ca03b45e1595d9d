// The files that a recipe can give, before any student is trained: their bytes, and how long they take to answer here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "export/plan/latency.h"
#include "train/cli/assess/subject.h"

namespace noggin::tool {

struct ShapeFile {
  std::string key, name;              // "student", "static", "linear"
  std::string shape;                  // in words
  std::uint64_t least = 0, most = 0;  // bytes
  bool exact = false;                 // the file will have exactly `most` bytes
  exporter::TimedSession timed;       // texts of median and of 95th percentile length
};

// The recipe's student; for tasks that answer per text also the static student and the linear model, whose file is made
// of this log's n-grams. Weights of students are made up: time and size do not depend on them.
std::vector<ShapeFile> shape_files(const AssessedJob& subject, Console& console);

}  // namespace noggin::tool
