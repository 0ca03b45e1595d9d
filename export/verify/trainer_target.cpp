#include "export/verify/trainer_target.h"

#include <algorithm>

#include "export/verify/each_sequence.h"
#include "kernels/float_environment.h"

namespace noggin::exporter {

Status StudentTarget::logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) {
  return each_sequence(chunk, logits, microseconds, [this] {
    return [this](std::span<const std::uint32_t> ids, std::span<float> out, double& time) -> Status {
      const runtime::FloatEnvironment environment;
      const auto start = std::chrono::steady_clock::now();
      const std::vector<float> found = student_.logits(ids, kernels_);
      time = microseconds_since(start);
      std::ranges::copy(found, out.begin());
      return {};
    };
  });
}

bool StudentTarget::trace(std::span<const std::uint32_t> ids, runtime::TraceSink& sink) {
  const runtime::FloatEnvironment environment;
  student_.logits(ids, kernels_, &sink);
  return true;
}

Status NgramTrainerTarget::logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) {
  return each_sequence(chunk, logits, microseconds, [this] {
    return [this](std::span<const std::uint32_t> ids, std::span<float> out, double&) -> Status {
      const runtime::FloatEnvironment environment;
      std::ranges::copy(trainer_.logits(ids), out.begin());
      return {};
    };
  });
}

}  // namespace noggin::exporter
