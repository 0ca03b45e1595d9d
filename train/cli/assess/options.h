// What the user has given `noggin assess` beside the recipe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "noggin/engine.h"
#include "train/assess/cost.h"
#include "train/cli/arguments.h"

namespace noggin::tool {

// What devices have counted, summed over their files.
struct DeviceCounts {
  std::uint64_t requests = 0, unanswered = 0;
};

struct AssessOptions {
  std::optional<double> round_trip_ms, target;  // target: in (0, 1]
  assess::Prices prices;
  std::string masking;  // a file of the task tag; empty: none, else opened as
  std::optional<Model> masking_model{};
  std::optional<DeviceCounts> counted{};  // nothing: no counters were given
  std::vector<std::string> targets;       // that devices have; empty: not said
  std::string out;                        // where the page goes, too; empty: nowhere
};

boost::program_options::options_description assess_option_list();
// Throws Failure: kUsage for values that mean nothing, and for options that exclude or need each other; kBadData for a
// masking model of another task, or counters that are none. Opened here, so that what is wrong is said before the work.
AssessOptions assess_options_of(const Arguments& arguments);

}  // namespace noggin::tool
