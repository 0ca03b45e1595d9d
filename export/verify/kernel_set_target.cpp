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

Result<std::vector<train::Prediction>> KernelSetTarget::answers(const Chunk& chunk, const train::DatasetLogits&) {
  std::vector<train::Prediction> answers(chunk.end - chunk.begin);
  const Status status = in_parts(answers.size(), [&](std::size_t begin, std::size_t end) -> Status {
    std::vector<std::string_view> texts;
    for (std::size_t i = begin; i < end; ++i) texts.push_back(chunk.all.rows.text_of(chunk.begin + i));
    Result<Session> session = Session::create(model_, name());
    if (!session) return session.error();
    Result<std::vector<train::Prediction>> found = runtime::all_predictions(model_, *session, texts);
    if (!found) return found.error();
    std::ranges::move(*found, answers.begin() + static_cast<std::ptrdiff_t>(begin));
    return {};
  });
  if (!status) return status.error();
  return answers;
}

bool KernelSetTarget::trace(std::span<const std::uint32_t> ids, runtime::TraceSink& sink) {
  Result<Session> session = Session::create(model_, name());
  if (!session) return false;
  session->set_trace(&sink);
  return static_cast<bool>(session->logits(ids));
}

}  // namespace noggin::exporter
