// Versions and machine: what a bug report needs, and what env.json of a run holds.
#pragma once

#include "train/cli/console.h"

namespace noggin::cli {

// Keys in the order in which they are shown; nothing that names a user or a host.
Json describe_environment(const std::string& folder);

}  // namespace noggin::cli
