// The rows that two models are compared on, in the classes of both.
#pragma once

#include <string>
#include <vector>

#include "data/shards/example_table.h"
#include "train/cli/compare/joint_task.h"
#include "train/cli/compare_stage.h"

namespace noggin::tool {

struct JointRows {
  data::ExampleTable table;                                              // in joint classes
  std::vector<std::pair<std::string, std::vector<std::string>>> fields;  // those of request.rules.by
  std::vector<std::uint32_t> groups;                                     // [N], or empty
  std::vector<std::string> files;
  std::uint64_t rejected = 0;
};

// Throws Failure as compare_models does; kBadData if there is no row.
JointRows read_joint_rows(const CompareRequest& request, const JointTask& joint, const Model& before,
                          const Model& after, train::Progress& progress);

}  // namespace noggin::tool
