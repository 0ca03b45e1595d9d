// Noggin and ONNX Runtime side by side; run.sh makes the files and calls this. Prints to the standard output; progress
// and errors go to the standard error. Exit codes: 0 measured (whether bars are met or not), 1 failed, 2 usage.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "experiments/latency/table.h"
#include "experiments/latency/thread_scaling.h"
#include "experiments/latency/without_tiles.h"

namespace noggin::latency {
namespace {

constexpr char kUsage[] =
    "usage: latency FOLDER [--quick] [--seconds-per-shape S] [--kernels NAME] [--without-amx]\n"
    "               [--exact-opponent] [--looks] [--onnx-runtime LIBRARY]\n";

std::optional<BenchOptions> parse(int argc, char** argv) {
  BenchOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    if (argument == "--quick") {
      options.quick = true;
      options.seconds_per_shape = 1.0;
    } else if (argument == "--seconds-per-shape") {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), options.seconds_per_shape);
      if (error != std::errc() || end != value.data() + value.size() || options.seconds_per_shape <= 0) return {};
      ++i;
    } else if (argument == "--looks") {
      options.print_looks = true;
    } else if (argument == "--exact-opponent") {
      options.exact_opponent = true;
    } else if (argument == "--without-amx") {
      options.without_amx = true;
    } else if (argument == "--kernels") {
      options.kernel_set = value;
      ++i;
    } else if (argument == "--onnx-runtime") {
      options.onnx_runtime = value;
      ++i;
    } else if (!argument.starts_with('-') && options.folder.empty()) {
      options.folder = argument;
    } else {
      return {};
    }
  }
  if (options.folder.empty()) return {};
  return options;
}

// The better of two measurements: clock rates move, and a floor is what the machine can do.
void improve(std::optional<Peaks>& peaks, const std::string& kernel_set) {
  const std::optional<Peaks> again = measure_peaks(kernel_set);
  if (!peaks || !again) {
    peaks = again;
    return;
  }
  peaks->products_per_us = std::max(peaks->products_per_us, again->products_per_us);
  peaks->float_operations_per_us = std::max(peaks->float_operations_per_us, again->float_operations_per_us);
  peaks->divisions_per_us = std::max(peaks->divisions_per_us, again->divisions_per_us);
}

void print_peaks(const std::optional<Peaks>& peaks, double read_bytes_per_us) {
  if (!peaks) return;
  fmt::print(
      "peaks of one core: {} {:.0f} products/ns, add and multiply {:.1f} elements/ns, divide {:.2f} elements/ns, "
      "reading the weights {:.1f} bytes/ns\n",
      peaks->product_instruction, peaks->products_per_us / 1e3, peaks->float_operations_per_us / 1e3,
      peaks->divisions_per_us / 1e3, read_bytes_per_us / 1e3);
}

Result<double> measure_model(const BenchModel& model, const BenchOptions& options) {
  Result<SideBySide> bench = SideBySide::open(model, options);
  if (!bench) return bench.error();
  std::optional<Peaks> peaks;
  improve(peaks, bench->kernel_set());
  std::vector<Row> rows;
  for (const std::size_t batch : kBatches) {
    for (const std::size_t tokens : kTokens) {
      fmt::print(stderr, "{}: {} tokens x {}\n", model.name, tokens, batch);
      Result<Row> row = bench->measure({tokens, batch});
      if (!row) return row.error();
      rows.push_back(*std::move(row));
    }
  }
  improve(peaks, bench->kernel_set());
  const double read_speed = measure_read_speed(static_cast<std::size_t>(work_of(model.config, 1).weight_bytes));
  const spec::ModelConfig& config = model.config;
  fmt::print("{}: {} layers x {}, {} heads of {}, FFN {}; kernels {}; ONNX Runtime {}\n", model.name,
             config.encoder.layers.size(), config.encoder.width, config.encoder.layers.front().heads,
             config.encoder.head_width, config.encoder.layers.front().ffn_width, bench->kernel_set(),
             bench->opponent_version());
  print_peaks(peaks, read_speed);
  double largest_difference = 0.0;
  for (const Row& row : rows) largest_difference = std::max(largest_difference, row.largest_difference);
  fmt::print("{}largest |logit difference| between Noggin and the same integers in ONNX Runtime: {:.3g}{}\n\n",
             table_of(model, rows, peaks, read_speed), largest_difference,
             opponent_saturates(options) ? " (its sums of pairs saturate on a machine without VNNI)" : "");
  const Result<std::string> scaling = scaling_table(model, bench->model(), options);
  if (!scaling) return scaling.error();
  fmt::print("{}\n", *scaling);
  if (options.print_looks) fmt::print("{}\n", looks_of(model, rows));
  std::fflush(stdout);
  return minimum_ratio(rows);
}

int run(const BenchOptions& options) {
  if (options.without_amx) {
    if (Status status = forbid_tiles(); !status) {
      fmt::print(stderr, "latency: {}\n", status.error().message);
      return 1;
    }
  }
  std::string last_lines;
  for (const BenchModel& model : {small_model(), large_model()}) {
    const Result<double> least = measure_model(model, options);
    if (!least) {
      fmt::print(stderr, "latency: {}\n", least.error().message);
      return 1;
    }
    last_lines += fmt::format("minimum ratio {}: {:.2f}\n", model.name, *least);
  }
  fmt::print("{}", last_lines);
  return 0;
}

}  // namespace
}  // namespace noggin::latency

int main(int argc, char** argv) {
  const std::optional<noggin::latency::BenchOptions> options = noggin::latency::parse(argc, argv);
  if (!options) {
    std::fputs(noggin::latency::kUsage, stderr);
    return 2;
  }
  return noggin::latency::run(*options);
}
