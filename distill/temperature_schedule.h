// How a phase's temperature changes: it may start high, where the teacher's small probabilities matter, and end at the
// temperature at which the model is used (Jafari et al. 2021, "Annealing Knowledge Distillation").
#pragma once

namespace noggin::distill {

enum class TemperatureCurve { kConstant, kLinear, kCosine };

struct TemperatureSchedule {
  TemperatureCurve curve = TemperatureCurve::kConstant;
  double first = 1.0, last = 1.0;  // both > 0; kConstant keeps `first`
};

// The temperature after the fraction s = step / steps of a phase, s clamped to [0, 1]:
//   linear  first + (last - first) * s
//   cosine  last + (first - last) * (1 + cos(pi * s)) / 2     (slow at both ends)
double temperature_at(const TemperatureSchedule& schedule, double progress);

}  // namespace noggin::distill
