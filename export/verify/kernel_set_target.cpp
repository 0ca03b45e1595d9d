#include "export/verify/kernel_set_target.h"

#include <algorithm>

#include "export/verify/each_sequence.h"
#include "prediction/predictor.h"

namespace noggin::exporter {

Status KernelSetTarget::logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) {
  return each_sequence(chunk, logits, microseconds, [this] {
    return [session = Session::create(model_, name())](std::span<const std::uint32_t> ids, std::span<float> out,
                                                       double& time) mutable -> Status {
      if (!session) return session.error();
      const auto start = std::chrono::steady_clock::now();
      const Result<std::span<const float>> found = session->logits(ids);
      time = microseconds_since(start);
      if (!found) return found.error();
      std::ranges::copy(*found, out.begin());
      return {};
    };
  });
}

Status KernelSetTarget::open() {
  if (session_) return {};
  Result<Session> session = Session::create(model_, name());
  if (!session) return session.error();
  session_ = *std::move(session);
  return {};
}

Result<std::vector<train::Prediction>> KernelSetTarget::answers(const Chunk& chunk, const train::DatasetLogits&) {
  if (Status status = open(); !status) return status.error();
  std::vector<std::string_view> texts;
  for (std::size_t row = chunk.begin; row < chunk.end; ++row) texts.push_back(chunk.all.rows.text_of(row));
  return runtime::all_predictions(model_, *session_, texts);
}

bool KernelSetTarget::trace(std::span<const std::uint32_t> ids, runtime::TraceSink& sink) {
  if (!open()) return false;
  session_->set_trace(&sink);
  const bool traced = static_cast<bool>(session_->logits(ids));
  session_->set_trace(nullptr);
  return traced;
}

}  // namespace noggin::exporter
