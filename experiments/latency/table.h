// What the benchmark prints: bars, floors, one line a shape, the last two lines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiments/latency/peaks.h"
#include "experiments/latency/side_by_side.h"
#include "experiments/latency/work_count.h"

namespace noggin::latency {

// The least ratio that a row must reach, and the one that is aimed at.
struct Bar {
  double least, goal;
};
Bar bar_of(const BenchModel& model, const InputShape& shape);

// Noggin's time may be at most this many floors at this many tokens.
inline constexpr double kFloorBar = 1.4;
inline constexpr std::size_t kFloorBarTokens = 32;

// Microseconds that `shape` needs at these peaks.
struct Floor {
  double products_us = 0.0, floats_us = 0.0;
  double compute_us() const { return products_us + floats_us; }
};
Floor floor_of(const spec::ModelConfig& config, const InputShape& shape, const Peaks& peaks);

std::string table_of(const BenchModel& model, const std::vector<Row>& rows, const std::optional<Peaks>& peaks,
                     double read_bytes_per_us);
// Every variant's short look at every shape, fastest first.
std::string looks_of(const BenchModel& model, const std::vector<Row>& rows);
double minimum_ratio(const std::vector<Row>& rows);

}  // namespace noggin::latency
