#include "export/plan/latency.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "noggin/engine.h"
#include "spec/layout.h"

namespace noggin::exporter {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kWarmUps = 5, kFewestAnswers = 5, kMostAnswers = 20'000;

struct FreeAligned {
  void operator()(std::byte* block) const { ::operator delete[](block, std::align_val_t{spec::kTensorAlignment}); }
};
using AlignedBlock = std::unique_ptr<std::byte[], FreeAligned>;

AlignedBlock aligned_copy(std::span<const std::byte> bytes) {
  AlignedBlock block(new (std::align_val_t{spec::kTensorAlignment}) std::byte[bytes.size()]);
  std::memcpy(block.get(), bytes.data(), bytes.size());
  return block;
}

Result<TimedText> time_text(Session& session, const std::string& text, std::chrono::milliseconds each) {
  TimedText timed;
  std::vector<double> microseconds;
  Clock::time_point start;
  for (std::size_t i = 0; i < kMostAnswers + kWarmUps; ++i) {
    if (i == kWarmUps) start = Clock::now();
    const Clock::time_point before = Clock::now();
    const std::span<const std::uint32_t> ids = session.tokenize(text);
    const Result<std::span<const float>> logits = session.logits(ids);
    const Clock::time_point after = Clock::now();
    if (!logits) return logits.error();
    if (i < kWarmUps) continue;
    microseconds.push_back(std::chrono::duration<double, std::micro>(after - before).count());
    if (after - start >= each && microseconds.size() >= kFewestAnswers) break;
  }
  std::sort(microseconds.begin(), microseconds.end());
  const auto quarter = [&](std::size_t quarters) { return microseconds[(microseconds.size() - 1) * quarters / 4]; };
  timed.tokens = session.tokenize(text).size();
  timed.answers = microseconds.size();
  timed.lower_quartile_us = quarter(1);
  timed.median_us = quarter(2);
  timed.upper_quartile_us = quarter(3);
  return timed;
}

}  // namespace

Result<TimedSession> time_session(std::span<const std::byte> file, std::span<const std::string> texts,
                                  std::chrono::milliseconds each) {
  const AlignedBlock block = aligned_copy(file);
  const Result<Model> model = Model::from_memory({block.get(), file.size()});
  if (!model) return model.error();
  Result<Session> session = Session::create(*model);
  if (!session) return session.error();
  TimedSession timed{session->kernel_set(), session->memory_bytes(), {}};
  for (const std::string& text : texts) {
    const Result<TimedText> times = time_text(*session, text, each);
    if (!times) return times.error();
    timed.texts.push_back(*times);
  }
  return timed;
}

}  // namespace noggin::exporter
