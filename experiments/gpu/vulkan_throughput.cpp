// Texts a second through a session on a Vulkan device and one on the CPU (the best kernel set, one thread), from token
// ids to logits: 2 layers x 128 and 6 layers x 384, random weights. Prints a JSON array, a row for each shape, length
// and batch. Before the clock starts the logits of both are compared, bit for bit.
//   vulkan_throughput [--device NAME] [--seconds PER_ROW] [--small]     --small: one shape, for a device in software
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "experiments/gpu/benchmark_models.h"
#include "noggin/gpu.h"

namespace noggin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatches[] = {1, 64, 1024}, kTokens[] = {32, 128}, kMostRounds = 50;

struct Options {
  std::string device;
  double seconds = 2.0;
  bool small = false;
};

struct Batch {
  std::vector<std::uint32_t> ids, lengths;
  Batch(std::size_t texts, std::size_t tokens, std::uint32_t vocabulary_size) : lengths(texts) {
    test::Random random(3);
    for (std::size_t i = 0; i < texts * tokens; ++i) {
      ids.push_back(static_cast<std::uint32_t>(random.below(vocabulary_size)));
    }
    std::fill(lengths.begin(), lengths.end(), static_cast<std::uint32_t>(tokens));
  }
};

std::vector<float> logits_of(Session& session, const Batch& batch, std::size_t classes) {
  std::vector<float> logits(batch.lengths.size() * classes);
  const Status status = session.logits_batch(batch.ids, batch.lengths, logits);
  if (!status) throw std::runtime_error(status.error().message);
  return logits;
}

// Of the median round.
double texts_per_second(Session& session, const Batch& batch, std::size_t classes, double seconds) {
  std::vector<double> rounds;
  const Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  while (rounds.empty() || (Clock::now() < end && rounds.size() < kMostRounds)) {
    const Clock::time_point start = Clock::now();
    logits_of(session, batch, classes);
    rounds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::nth_element(rounds.begin(), rounds.begin() + static_cast<std::ptrdiff_t>(rounds.size() / 2), rounds.end());
  return static_cast<double>(batch.lengths.size()) / rounds[rounds.size() / 2];
}

void measure(const BenchmarkShape& shape, const Options& options, std::string& json) {
  const spec::ModelConfig config = config_of(shape);
  const test::AlignedBytes bytes = random_nog(config);
  const Model model = value_of(Model::from_memory(bytes.span()));
  const Clock::time_point start = Clock::now();
  const GpuModel gpu = value_of(GpuModel::open(model, {.device = options.device, .batch_tokens = 1024 * 128}));
  Session on_gpu = value_of(gpu.session());
  const double open_ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  Session on_cpu = value_of(Session::create(model, SessionOptions{.batch_tokens = 512}));
  for (const std::size_t tokens : kTokens) {
    for (const std::size_t texts : kBatches) {
      if (options.small && texts * tokens > 64 * 32) continue;
      const Batch batch(texts, tokens, config.vocabulary_size);
      const std::vector<float> found = logits_of(on_gpu, batch, config.classes);
      const std::vector<float> want = logits_of(on_cpu, batch, config.classes);
      std::size_t differing = 0;
      for (std::size_t b = 0; b < texts; ++b) {
        const std::size_t row = b * config.classes;
        differing += std::memcmp(&found[row], &want[row], config.classes * sizeof(float)) != 0 ? 1 : 0;
      }
      char row[512];
      std::snprintf(
          row, sizeof row,
          "%s{\"layers\": %u, \"width\": %u, \"tokens\": %zu, \"batch\": %zu, \"gpu_texts_per_second\": %.1f, "
          "\"cpu_texts_per_second\": %.1f, \"differing_texts\": %zu, \"open_ms\": %.0f}",
          json.empty() ? "" : ",\n ", shape.layers, shape.width, tokens, texts,
          texts_per_second(on_gpu, batch, config.classes, options.seconds),
          texts_per_second(on_cpu, batch, config.classes, options.seconds), differing, open_ms);
      json += row;
      if (const Status status = gpu.failure(); !status) throw std::runtime_error(status.error().message);
    }
  }
}

}  // namespace
}  // namespace noggin

int main(int argc, char** argv) {
  noggin::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--small") {
      options.small = true;
    } else if (word == "--device" && i + 1 < argc) {
      options.device = argv[++i];
    } else if (word == "--seconds" && i + 1 < argc) {
      options.seconds = std::atof(argv[++i]);
    } else {
      std::fprintf(stderr, "vulkan_throughput: unknown argument '%s'\n", argv[i]);
      return 2;
    }
  }
  try {
    std::string json;
    for (const noggin::BenchmarkShape& shape : noggin::kBenchmarkShapes) {
      if (!options.small || shape.width == 128) noggin::measure(shape, options, json);
    }
    std::printf("[%s]\n", json.c_str());
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "vulkan_throughput: %s\n", exception.what());
    return 1;
  }
  return 0;
}
