#include "train/task/figures.h"

#include <fmt/format.h>

namespace noggin::train {

std::string percent(const exporter::Interval& interval) {
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", 100.0 * interval.value, 100.0 * interval.low, 100.0 * interval.high);
}

nlohmann::ordered_json interval_json(const exporter::Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

void FigureTable::add(const std::string& name, const exporter::Interval& interval) {
  table_.add({name, percent(interval)});
  json_[name] = interval_json(interval);
}

}  // namespace noggin::train
