#include "experiments/latency/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace noggin::latency {
namespace {

const char* met(bool is_met) { return is_met ? "met" : "NOT MET"; }

std::string bar_cell(const BenchModel& model, const Row& row) {
  const Bar bar = bar_of(model, row.shape);
  return fmt::format(">= {:.1f} {}{}", bar.least, met(row.ratio.median >= bar.least),
                     row.ratio.median >= bar.goal ? ", goal" : "");
}

std::string floor_cells(const spec::ModelConfig& config, const Row& row, const Peaks& peaks, double read_bytes_per_us) {
  const Floor floor = floor_of(config, row.shape, peaks);
  const double times = row.noggin_us / floor.compute_us();
  const double read_us = work_of(config, row.shape.tokens).weight_bytes / read_bytes_per_us;
  std::string cells = fmt::format("{:>9.1f} {:>5.2f} {:>8.1f}", floor.compute_us(), times, read_us);
  // Nobody is faster than the floor: then a peak was measured in a bad moment.
  if (times < 1.0) return cells + "  PEAKS DISTURBED, measure again";
  if (row.shape.tokens == kFloorBarTokens) cells += fmt::format("  <= {:.1f} {}", kFloorBar, met(times <= kFloorBar));
  return cells;
}

std::string fastest_uncounted(const Row& row, const std::string& family) {
  for (const Look& look : row.looks) {
    if (!look.counted && look.variant.starts_with(family)) return fmt::format("; {} {:.1f} us", look.variant, look.us);
  }
  return "";
}

}  // namespace

Bar bar_of(const BenchModel& model, const InputShape& shape) {
  if (model.name == "large") return {1.3, 1.6};
  return {shape.tokens <= 64 ? 1.8 : 1.5, 2.5};
}

Floor floor_of(const spec::ModelConfig& config, const InputShape& shape, const Peaks& peaks) {
  const WorkCount work = work_of(config, shape.tokens);
  const double texts = static_cast<double>(shape.batch);
  return {texts * work.products / peaks.products_per_us,
          texts * (work.float_operations / peaks.float_operations_per_us + work.divisions / peaks.divisions_per_us)};
}

std::string table_of(const BenchModel& model, const std::vector<Row>& rows, const std::optional<Peaks>& peaks,
                     double read_bytes_per_us) {
  std::string text = fmt::format("{:>6} {:>5} {:>10} {:>10} {:>6} {:>6} {:>13} {:>6}  {:<18} {:>9} {:>5} {:>8}\n",
                                 "tokens", "batch", "noggin us", "onnxrt us", "ratio", "of med", "95 % interval",
                                 "rounds", "bar", "floor us", "times", "read us");
  for (const Row& row : rows) {
    text +=
        fmt::format("{:>6} {:>5} {:>10.1f} {:>10.1f} {:>6.2f} {:>6.2f} {:>13} {:>6}  {:<18} {}\n", row.shape.tokens,
                    row.shape.batch, row.noggin_us, row.opponent_us, row.ratio.median, row.ratio.of_medians,
                    fmt::format("[{:.2f}, {:.2f}]", row.ratio.low, row.ratio.high), row.rounds, bar_cell(model, row),
                    peaks ? floor_cells(model.config, row, *peaks, read_bytes_per_us) : "not measured");
  }
  text += "fastest variant of each row; then, not counted, the fastest hand-written graph and the fastest float one:\n";
  for (const Row& row : rows) {
    text += fmt::format("{:>6} {:>5} {}{}{}\n", row.shape.tokens, row.shape.batch, row.opponent,
                        fastest_uncounted(row, "static"), fastest_uncounted(row, "float"));
  }
  return text;
}

std::string looks_of(const BenchModel& model, const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    for (const Look& look : row.looks) {
      text += fmt::format("{} {:>4} x {} {:>10.1f} us  {}{}\n", model.name, row.shape.tokens, row.shape.batch, look.us,
                          look.variant, look.counted ? "" : " (not counted)");
    }
  }
  return text;
}

double minimum_ratio(const std::vector<Row>& rows) {
  double least = rows.empty() ? 0.0 : rows.front().ratio.median;
  for (const Row& row : rows) least = std::min(least, row.ratio.median);
  return least;
}

}  // namespace noggin::latency
