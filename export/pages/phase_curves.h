// The lines of metrics.jsonl as curves: phases stand one after the other on one axis of steps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "export/html/plot.h"
#include "export/pages/json_values.h"

namespace noggin::exporter {

struct PhaseCurves {
  struct Phase {
    std::string name;
    std::uint64_t first_step = 0;  // on the common axis: steps of the phases before
    std::vector<const Json*> lines{};
  };
  std::vector<Phase> phases{};
  std::uint64_t steps = 0;  // of all phases

  // Where the lines of a phase have this figure ({"dev", "quality"}).
  std::vector<html::Point> points(const Phase& phase, std::initializer_list<std::string_view> figure) const;
};

// `lines` must outlive the result. Lines without a phase (the precision) are left out.
PhaseCurves phase_curves(const std::vector<Json>& lines);

}  // namespace noggin::exporter
