// Versions and machine: what a bug report needs and env.json of a run holds.
#pragma once

#include "train/cli/console.h"

namespace noggin::tool {

// Keys in display order; nothing that identifies a user or a host.
Json describe_environment(const std::string& folder);

}  // namespace noggin::tool
