// Texts per second on one GPU: Noggin's CUDA backend beside LibTorch's bf16 and float forward of the same shape, batch
// 1, 64 and 1024. Refuses without a GPU (exit code 3). Before the clock starts the logits are compared with the CPU's,
// bit for bit.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "experiments/gpu/benchmark_models.h"
#include "experiments/gpu_throughput/contestants.h"
#include "export/report/text_table.h"

namespace noggin::gpu_throughput {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kBatches[] = {1, 64, 1024};
constexpr std::size_t kTokens[] = {32, 128};
constexpr std::size_t kRounds = 30, kWarmRounds = 5;

// How many texts have other bits on the GPU than with the CPU's reference kernels.
std::size_t differing_texts(const Model& model, gpu::CudaSession& on_gpu, const Batch& batch) {
  Session on_cpu = value_of(Session::create(model, "reference"));
  const std::span<const float> got = value_of(on_gpu.logits({batch.token_ids, batch.offsets}));
  const std::size_t classes = model.labels().size();
  std::size_t differing = 0;
  for (std::size_t b = 0; b < batch.texts(); ++b) {
    const auto ids = std::span(batch.token_ids).subspan(batch.offsets[b], batch.offsets[b + 1] - batch.offsets[b]);
    const std::span<const float> want = value_of(on_cpu.logits(ids));
    differing += std::memcmp(got.data() + b * classes, want.data(), want.size_bytes()) != 0;
  }
  return differing;
}

// Median texts per second of each, taken in turns so that clocks and neighbours hit all alike.
std::vector<double> texts_per_second(const std::vector<Contestant>& contestants, std::size_t texts) {
  std::vector<std::vector<double>> seconds(contestants.size());
  for (std::size_t round = 0; round < kWarmRounds + kRounds; ++round) {
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      const Clock::time_point start = Clock::now();
      contestants[i].answer();
      const std::chrono::duration<double> elapsed = Clock::now() - start;
      if (round >= kWarmRounds) seconds[i].push_back(elapsed.count());
    }
  }
  std::vector<double> rates;
  for (std::vector<double>& times : seconds) {
    std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
    rates.push_back(static_cast<double>(texts) / times[kRounds / 2]);
  }
  return rates;
}

void measure(const BenchmarkShape& shape, exporter::TextTable& table) {
  const spec::ModelConfig config = config_of(shape);
  const test::AlignedBytes bytes = random_nog(config);
  const Model model = value_of(Model::from_memory(bytes.span()));
  const gpu::CudaModel on_gpu = value_of(gpu::CudaModel::upload(model));
  gpu::CudaSession session = value_of(gpu::CudaSession::create(on_gpu, {1024, 1024 * std::size_t{config.max_tokens}}));
  for (const std::size_t tokens : kTokens) {
    const std::size_t differing = differing_texts(model, session, random_batch(64, tokens, config.vocabulary_size, 2));
    for (const std::size_t texts : kBatches) {
      const Batch batch = random_batch(texts, tokens, config.vocabulary_size, 3);
      const std::vector<Contestant> contestants{noggin_contestant(session, batch),
                                                libtorch_contestant(config, batch, Precision::kBFloat16),
                                                libtorch_contestant(config, batch, Precision::kFloat)};
      std::vector<std::string> row{shape.name, std::to_string(tokens), std::to_string(texts)};
      for (const double rate : texts_per_second(contestants, texts)) row.push_back(fmt::format("{:.0f}", rate));
      row.push_back(fmt::format("{} of 64", differing));
      table.add(row);
    }
  }
}

int run() {
  if (const Status gpu = gpu::check_gpu(); !gpu) {
    fmt::print(stderr, "gpu_throughput: not run: {}\n", gpu.error().message);
    return 3;
  }
  if (const std::string obstacle = libtorch_obstacle(); !obstacle.empty()) {
    fmt::print(stderr,
               "gpu_throughput: not run: {}. Fix: name a LibTorch with its CUDA libraries (-DNOGGIN_TORCH_ROOT)\n",
               obstacle);
    return 3;
  }
  exporter::TextTable table({"layers x width", "tokens", "batch", "noggin texts/s", "LibTorch bf16", "LibTorch float",
                             "texts with other bits"});
  for (const BenchmarkShape& shape : kBenchmarkShapes) measure(shape, table);
  fmt::print("{}", table.text());
  return 0;
}

}  // namespace
}  // namespace noggin::gpu_throughput

int main() {
  try {
    return noggin::gpu_throughput::run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "gpu_throughput: {}\n", error.what());
    return 1;
  }
}
