#include "export/verify/onnx_runtime_target.h"

#include <algorithm>

#include "export/onnx_runtime/onnx_runtime.h"
#include "export/verify/each_sequence.h"
#include "export/verify/targets.h"
#include "kernels/cpu_features.h"

namespace noggin::exporter {
namespace {

class OnnxRuntimeTarget : public Target {
 public:
  explicit OnnxRuntimeTarget(OnnxRuntimeSession session) : Target(kOnnxRuntime), session_(std::move(session)) {}

  Status logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) override {
    for (std::size_t i = chunk.first_sequence(); i < chunk.end_sequence(); ++i) {
      const auto start = std::chrono::steady_clock::now();
      const Result<std::vector<float>> found = session_.logits(chunk.all.inputs.ids(i));
      microseconds.push_back(microseconds_since(start));
      if (!found) return stop(found.error().message);
      if (found->size() != logits.sequence(i).size()) return stop("its output has another shape");
      std::ranges::copy(*found, logits.sequence(i).begin());
    }
    return {};
  }

 private:
  Status stop(const std::string& why) {
    obstacle_ = why;
    return {};
  }

  OnnxRuntimeSession session_;
};

}  // namespace

std::unique_ptr<Target> onnx_runtime_target(const std::string& library, const std::string& onnx_path) {
  // Its fast byte products are exact only with these instructions. Elsewhere correct answers require the slow ones;
  // here they would only distort its latency.
  const runtime::CpuFeatures cpu = runtime::cpu_features();
  OnnxRuntimeOptions options;
  options.exact_products = !cpu.avx512_vnni && !cpu.avx_vnni;
  Result<OnnxRuntimeSession> session = OnnxRuntimeSession::open(library, onnx_path, options);
  if (!session) return std::make_unique<UnavailableTarget>(kOnnxRuntime, session.error().message);
  return std::make_unique<OnnxRuntimeTarget>(*std::move(session));
}

}  // namespace noggin::exporter
