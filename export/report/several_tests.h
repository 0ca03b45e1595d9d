// P-values of tests that are made together.
#pragma once

#include <span>
#include <vector>

namespace noggin::exporter {

// Corrected for being several (Holm 1979), in the order given: compared with a limit as if each were alone, they keep
// the chance of any false alarm among them below it.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace noggin::exporter
