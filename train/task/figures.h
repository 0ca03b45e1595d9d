// Metrics of a finished student in addition to the one figure of the table: per type, against the unchanged text,
// calibration, confusions and the worst rows. For the end of a run.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "export/report/statistics.h"
#include "export/report/text_table.h"

namespace noggin::train {

struct Figures {
  std::string text;             // tables for people
  nlohmann::ordered_json json;  // the same and more, for results.json
};

std::string percent(const exporter::Interval& interval);                   // "95.31 [94.80, 95.77]"
nlohmann::ordered_json interval_json(const exporter::Interval& interval);  // {"value", "low", "high"}

// Figures with their intervals, in order.
class FigureTable {
 public:
  explicit FigureTable(const std::string& title) : table_({title, "% [95 %]"}) {}
  void add(const std::string& name, const exporter::Interval& interval);
  Figures take() { return {table_.text(), std::move(json_)}; }

 private:
  exporter::TextTable table_;
  nlohmann::ordered_json json_ = nlohmann::ordered_json::object();
};

}  // namespace noggin::train
