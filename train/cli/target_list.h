// --targets: what is to execute a model.
#pragma once

#include <string>
#include <vector>

#include "train/cli/arguments.h"

namespace noggin::tool {

// The names of `--targets avx2,reference`; none if the option is not there. Throws Failure (kUsage) for a name that
// export/verify/targets.h does not know.
std::vector<std::string> targets_of(const Arguments& arguments);

}  // namespace noggin::tool
