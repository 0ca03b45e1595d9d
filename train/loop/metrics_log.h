// metrics.jsonl of a run directory: one JSON object per line, appended and flushed, so that a killed run keeps what it
// wrote. Each line begins with "run", the training it belongs to, and "time" (UTC). Also the JSON form of metrics, used
// there and in a checkpoint's history.
#pragma once

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "train/loop/evaluate.h"

namespace noggin::train {

class MetricsLog {
 public:
  // An empty path: nothing is written. `run`: the id of this training. Members throw Failure (kOutput, kOutOfSpace)
  // when the file cannot be written.
  MetricsLog(std::string path, std::string run);

  void append(const nlohmann::ordered_json& line);
  // A training that goes on from (phase_index, step) writes everything after that again: removes those lines, and what
  // a kill has left of a line. Lines of other trainings stay.
  void forget_after(std::size_t phase_index, std::uint64_t step);
  // The same for a training that starts at its first step.
  void forget();

 private:
  template <typename Keep>
  void keep_lines(const Keep& keep);
  void open();

  std::string path_, run_;
  std::ofstream file_;
};

nlohmann::ordered_json to_json(const SetMetrics& metrics);
SetMetrics metrics_from_json(const nlohmann::ordered_json& json);  // throws nlohmann::json::exception

}  // namespace noggin::train
