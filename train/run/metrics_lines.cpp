#include "train/run/metrics_lines.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "data/files/json_document.h"

namespace noggin::train {

std::vector<nlohmann::ordered_json> metrics_lines(const std::string& path, const std::string& run) {
  std::vector<nlohmann::ordered_json> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    auto json = data::parse_json<nlohmann::ordered_json>(line);
    if (json && json->is_object() && json->value("run", nlohmann::ordered_json()) == run)
      lines.push_back(*std::move(json));
  }
  return lines;
}

}  // namespace noggin::train
