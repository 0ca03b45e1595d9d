#include "export/verify/onnx_runtime_target.h"

#include <algorithm>

#include "export/onnx_metadata/decision_metadata.h"
#include "export/onnx_runtime/onnx_runtime.h"
#include "export/verify/each_sequence.h"
#include "export/verify/targets.h"
#include "kernels/cpu_features.h"

namespace noggin::exporter {
namespace {

class OnnxRuntimeTarget : public Target {
 public:
  OnnxRuntimeTarget(OnnxRuntimeSession session, std::unique_ptr<const train::TaskReader> reader,
                    std::vector<std::string> misstatements)
      : Target(kOnnxRuntime),
        session_(std::move(session)),
        reader_(std::move(reader)),
        misstatements_(std::move(misstatements)) {}

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

  Result<std::vector<train::Prediction>> answers(const Chunk& chunk, const train::DatasetLogits& logits) override {
    std::vector<train::Prediction> answers;
    for (std::size_t row = chunk.begin; row < chunk.end; ++row)
      answers.push_back(reader_->answer(chunk.all.rows, chunk.all.inputs, logits, row));
    return answers;
  }

  std::vector<std::string> misstatements() const override { return misstatements_; }

 private:
  Status stop(const std::string& why) {
    obstacle_ = why;
    return {};
  }

  OnnxRuntimeSession session_;
  std::unique_ptr<const train::TaskReader> reader_;  // of what the file states
  std::vector<std::string> misstatements_;
};

// A file whose statement cannot answer the model's rows.
class MisstatedTarget : public UnavailableTarget {
 public:
  MisstatedTarget(const std::string& obstacle, std::vector<std::string> misstatements)
      : UnavailableTarget(kOnnxRuntime, obstacle), misstatements_(std::move(misstatements)) {}
  std::vector<std::string> misstatements() const override { return misstatements_; }

 private:
  std::vector<std::string> misstatements_;
};

Result<format::TaskContents> stated_task(const OnnxRuntimeSession& session) {
  DecisionMetadata metadata;
  const std::pair<const char*, std::string*> properties[] = {
      {kLabelsKey, &metadata.labels}, {kNoneClassKey, &metadata.none_class}, {kDecisionKey, &metadata.decision}};
  for (const auto& [key, value] : properties) {
    Result<std::string> text = session.metadata(key);
    if (!text) return text.error();
    *value = *std::move(text);
  }
  return read_decision_metadata(metadata);
}

}  // namespace

std::unique_ptr<Target> onnx_runtime_target(const std::string& library, const std::string& onnx_path,
                                            const Model& model) {
  // Its fast byte products are exact only with these instructions. Elsewhere correct answers require the slow ones;
  // here they would only distort its latency.
  const runtime::CpuFeatures cpu = runtime::cpu_features();
  OnnxRuntimeOptions options;
  options.exact_products = !cpu.avx512_vnni && !cpu.avx_vnni;
  Result<OnnxRuntimeSession> session = OnnxRuntimeSession::open(library, onnx_path, options);
  if (!session) return std::make_unique<UnavailableTarget>(kOnnxRuntime, session.error().message);
  const auto misstated = [&](const std::string& what, std::vector<std::string> misstatements) {
    return std::make_unique<MisstatedTarget>(onnx_path + ": its metadata does not say how to answer: " + what,
                                             std::move(misstatements));
  };
  const Result<format::TaskContents> task = stated_task(*session);
  if (!task) return misstated(task.error().message, {task.error().message});
  std::vector<std::string> differences = decision_differences(*task, train::task_contents(model));
  if (task->kind != model.task() || task->labels.size() != model.labels().size())
    return misstated("it is of another model", std::move(differences));
  auto reader = spec::traits_of(task->kind).per_token()
                    ? train::TaskReader::create(*task, model.tokenizer(), model.max_tokens())
                    : train::TaskReader::create(*task);
  if (!reader) return misstated(reader.error().message, {reader.error().message});
  return std::make_unique<OnnxRuntimeTarget>(*std::move(session), *std::move(reader), std::move(differences));
}

}  // namespace noggin::exporter
