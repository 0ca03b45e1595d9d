#include "export/drift/count_answers.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "noggin/counters.h"
#include "noggin/engine.h"
#include "prediction/predictor.h"
#include "spec/layout.h"

namespace noggin::exporter {
namespace {

struct Freed {
  void operator()(std::byte* bytes) const { ::operator delete(bytes, std::align_val_t{spec::kTensorAlignment}); }
};

}  // namespace

Result<Counts> count_answers(std::span<const std::byte> bytes, std::span<const std::string_view> texts) {
  const std::unique_ptr<std::byte, Freed> aligned(
      static_cast<std::byte*>(::operator new(bytes.size(), std::align_val_t{spec::kTensorAlignment})));
  std::copy(bytes.begin(), bytes.end(), aligned.get());
  const Result<Model> model = Model::from_memory({aligned.get(), bytes.size()});
  if (!model) return model.error();
  Result<Session> session = Session::create(*model, SessionOptions{.batch_tokens = 512});
  if (!session) return session.error();
  Result<Counters> counters = Counters::create(*model);
  if (!counters) return counters.error();
  if (Status status = session->set_counters(&*counters); !status) return status.error();
  constexpr std::size_t kAtOnce = 256;
  runtime::Predictor predictor(*model, *session);
  for (std::size_t at = 0; at < texts.size(); at += kAtOnce) {
    const auto some = texts.subspan(at, std::min(kAtOnce, texts.size() - at));
    Status status = predictor.predict(some, [](std::size_t, const runtime::Prediction&, std::span<const float>) {});
    if (!status) return status.error();
  }
  return counters->read();
}

}  // namespace noggin::exporter
