// metrics.jsonl of a run directory: one JSON object a line, appended and flushed, so that a killed run keeps what it wrote.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace noggin::train {

class MetricsLog {
 public:
  explicit MetricsLog(const std::string& path) : file_(path, std::ios::app) {}
  void append(const nlohmann::ordered_json& line) { file_ << line.dump() << '\n' << std::flush; }

 private:
  std::ofstream file_;
};

}  // namespace noggin::train
