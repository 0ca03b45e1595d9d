// Reading metrics.jsonl (loop/metrics_log.h writes it).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace noggin::train {

// The lines of one training, whose id is `run`, in their order. What a kill has left of a line, and lines of other
// trainings, are left out; none if there is no such file.
std::vector<nlohmann::ordered_json> metrics_lines(const std::string& path, const std::string& run);

}  // namespace noggin::train
