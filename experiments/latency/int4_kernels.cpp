// int4 against int8 weights in the same linear layers, per kernel set, in turn within one run:
//   cmake --build --preset release --target int4_kernels && build/release/bin/int4_kernels
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "kernels/kernel_set.h"
#include "kernels/pack.h"

namespace {

using namespace noggin;

struct Shape {
  std::uint32_t outputs, inputs;
};
constexpr Shape kShapes[] = {{512, 128}, {384, 384}, {1536, 384}, {384, 1536}};
constexpr std::size_t kRows[] = {1, 8, 16, 32, 128};
constexpr std::uint32_t kGroups[] = {32, 64, 128};
constexpr int kRounds = 31;

std::int8_t random_byte(int low, int high) {
  static std::uint64_t state = 1;
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return static_cast<std::int8_t>(low + static_cast<int>((state >> 33) % static_cast<unsigned>(high - low + 1)));
}
std::vector<std::int8_t> random_bytes(std::size_t count, int low, int high) {
  std::vector<std::int8_t> bytes(count);
  for (std::int8_t& byte : bytes) byte = random_byte(low, high);
  return bytes;
}

struct Layer {
  runtime::PackedLinear packed;
  std::vector<double> times{};  // microseconds of one call
};

Layer make_layer(const Shape& shape, std::uint32_t group) {
  const std::size_t count = std::size_t{shape.outputs} * shape.inputs;
  const std::vector<std::int32_t> bias(shape.outputs, 100);
  const std::vector<float> scale(shape.outputs, 1e-4F);
  if (group == 0) {
    const auto weights = random_bytes(count, -127, 127);
    return {runtime::pack_linear(weights.data(), bias.data(), scale.data(), shape.outputs, shape.inputs)};
  }
  const auto weights = random_bytes(count, -8, 7), steps = random_bytes(count / group, 1, 127);
  return {runtime::pack_int4_linear(weights.data(), steps.data(), bias.data(), scale.data(), shape.outputs,
                                    shape.inputs, group)};
}

// Microseconds of one call, over enough calls to see them.
double time_of(const runtime::KernelSet& set, const Layer& layer, const std::int8_t* a, std::size_t stride,
               std::size_t rows, float* y) {
  const auto start = std::chrono::steady_clock::now();
  int calls = 0;
  std::chrono::duration<double, std::micro> elapsed{};
  do {
    for (int i = 0; i < 8; ++i) set.linear(layer.packed.view(), a, stride, rows, y);
    calls += 8;
    elapsed = std::chrono::steady_clock::now() - start;
  } while (elapsed.count() < 300.0);
  return elapsed.count() / calls;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void compare(const runtime::KernelSet& set, const Shape& shape, std::size_t rows) {
  std::vector<Layer> layers = {make_layer(shape, 0)};
  for (const std::uint32_t group : kGroups) layers.push_back(make_layer(shape, group));
  const std::vector<std::int8_t> storage = random_bytes(rows * shape.inputs + 64, -128, 127);
  const auto address = reinterpret_cast<std::uintptr_t>(storage.data());
  const std::int8_t* a = storage.data() + (64 - address % 64) % 64;
  std::vector<float> y(rows * shape.outputs);
  for (int round = 0; round < kRounds; ++round) {
    for (Layer& layer : layers) layer.times.push_back(time_of(set, layer, a, shape.inputs, rows, y.data()));
  }
  fmt::print("| {} | {} x {} | {} | {:.1f} us |", set.name, shape.outputs, shape.inputs, rows, median(layers[0].times));
  for (std::size_t i = 1; i < layers.size(); ++i) {
    std::vector<double> ratios;  // of neighbours in time: what else runs slows both
    for (std::size_t round = 0; round < layers[i].times.size(); ++round) {
      ratios.push_back(layers[i].times[round] / layers[0].times[round]);
    }
    fmt::print(" {:.2f} |", median(ratios));
  }
  fmt::print("\n");
}

}  // namespace

int main() {
  fmt::print("| kernel set | outputs x inputs | rows | int8 | int4 / int8, group 32 | 64 | 128 |\n");
  fmt::print("|---|---|---|---|---|---|---|\n");
  const runtime::KernelSetList sets = runtime::kernel_sets();
  for (std::size_t i = 0; i + 1 < sets.count; ++i) {  // the reference is not made for speed
    if (!sets.entries[i].executable) continue;
    for (const Shape& shape : kShapes) {
      for (const std::size_t rows : kRows) compare(*sets.entries[i].kernels, shape, rows);
    }
  }
  return 0;
}
