// metrics.jsonl of a run directory: one JSON object per line, appended and flushed, so that a killed run keeps what it
// wrote. Also the JSON form of metrics, used there and in a checkpoint's history.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "train/loop/evaluate.h"

namespace noggin::train {

class MetricsLog {
 public:
  explicit MetricsLog(const std::string& path) : file_(path, std::ios::app) {}
  void append(const nlohmann::ordered_json& line) { file_ << line.dump() << '\n' << std::flush; }

 private:
  std::ofstream file_;
};

nlohmann::ordered_json to_json(const SetMetrics& metrics);
SetMetrics metrics_from_json(const nlohmann::ordered_json& json);  // throws nlohmann::json::exception

}  // namespace noggin::train
