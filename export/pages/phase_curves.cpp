#include "export/pages/phase_curves.h"

#include <algorithm>
#include <map>

namespace noggin::exporter {

PhaseCurves phase_curves(const std::vector<Json>& lines) {
  std::map<std::uint64_t, PhaseCurves::Phase> by_index;
  std::map<std::uint64_t, std::uint64_t> last_step;
  for (const Json& line : lines) {
    if (!member(line, "phase_index").is_number()) continue;
    const std::uint64_t index = count(member(line, "phase_index"));
    by_index[index].name = string(member(line, "phase"));
    by_index[index].lines.push_back(&line);
    last_step[index] = std::max(last_step[index], count(member(line, "step")));
  }
  PhaseCurves curves;
  for (auto& [index, phase] : by_index) {
    phase.first_step = curves.steps;
    curves.steps += last_step[index];
    curves.phases.push_back(std::move(phase));
  }
  return curves;
}

std::vector<html::Point> PhaseCurves::points(const Phase& phase, std::initializer_list<std::string_view> figure) const {
  std::vector<html::Point> points;
  for (const Json* line : phase.lines)
    if (const auto value = number(member(*line, figure)))
      points.push_back({static_cast<double>(phase.first_step + count(member(*line, "step"))), *value});
  return points;
}

}  // namespace noggin::exporter
