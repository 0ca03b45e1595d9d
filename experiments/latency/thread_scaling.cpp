#include "experiments/latency/thread_scaling.h"

#include <fmt/format.h>

#include <array>

namespace noggin::latency {
namespace {

constexpr std::array<InputShape, 5> kShapes{{{32, 1}, {128, 1}, {16, 8}, {64, 8}, {128, 8}}};
constexpr std::size_t kMinRounds = 9;

Result<Session> session_of(const Model& model, const BenchOptions& options, const InputShape& shape,
                           std::size_t threads) {
  return Session::create(model, {.kernel_set = options.kernel_set,
                                 .threads = threads,
                                 .batch_tokens = shape.batch > 1 ? options.batch_tokens : 0});
}

}  // namespace

Result<std::string> scaling_table(const BenchModel& model, const Model& opened, const BenchOptions& options) {
  std::string text =
      fmt::format("{:>6} {:>5} {:>13} {:>14} {:>6}\n", "tokens", "batch", "one thread us", "two threads us", "times");
  for (const InputShape& shape : kShapes) {
    Result<Session> one = session_of(opened, options, shape, 1), two = session_of(opened, options, shape, 2);
    if (!one || !two) return one ? two.error() : one.error();
    const InputTexts texts = random_texts(shape, model.config.vocabulary_size);
    std::vector<float> logits(shape.batch * model.config.classes), same(logits.size());
    const std::array<Contestant, 2> contestants{noggin_contestant(*one, texts, logits),
                                                noggin_contestant(*two, texts, same)};
    const auto times = time_rounds(contestants, options.seconds_per_shape / 4.0, kMinRounds, Clock::kWall);
    const double one_us = tenth(times[0]), two_us = tenth(times[1]);
    text += fmt::format("{:>6} {:>5} {:>13.1f} {:>14.1f} {:>6.2f}{}\n", shape.tokens, shape.batch, one_us, two_us,
                        one_us / two_us, logits == same ? "" : "  OTHER LOGITS");
  }
  return text;
}

}  // namespace noggin::latency
