#include "train/run/stale_results.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "bytes/atomic_file.h"
#include "train/run/failure.h"
#include "train/run/utc_time.h"

namespace noggin::train {

void mark_stale(const RunDirectory& run, const std::string& why) {
  for (const std::string& path : {run.results(), run.certificate()}) {
    std::ifstream file(path);
    auto json = nlohmann::ordered_json::parse(file, nullptr, false);
    if (!json.is_object() || json.contains("stale")) continue;
    nlohmann::ordered_json marked{{"stale", {{"since", utc_time()}, {"why", why}}}};
    marked.update(json);
    const std::string text = marked.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    throw_unless_written(write_file_atomically(path, text.data(), text.size()));
  }
}

}  // namespace noggin::train
