#include "distill/temperature_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace noggin::distill {

double temperature_at(const TemperatureSchedule& schedule, double progress) {
  const double done = std::clamp(progress, 0.0, 1.0);
  switch (schedule.curve) {
    case TemperatureCurve::kConstant:
      return schedule.first;
    case TemperatureCurve::kLinear:
      return std::lerp(schedule.first, schedule.last, done);
    case TemperatureCurve::kCosine:
      return std::lerp(schedule.last, schedule.first, 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
  }
  return schedule.first;
}

}  // namespace noggin::distill
