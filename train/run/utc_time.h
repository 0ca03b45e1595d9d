// The time of day as records of a run write it.
#pragma once

#include <fmt/chrono.h>

#include <ctime>
#include <string>

namespace noggin::train {

// Now, as "2026-01-02T03:04:05Z".
inline std::string utc_time() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

}  // namespace noggin::train
