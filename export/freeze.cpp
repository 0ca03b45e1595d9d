#include "export/freeze.h"

#include <span>

#include "kernels/float_environment.h"
#include "tokenizer/wordpiece.h"
#include "train/compress/quantize_student.h"
#include "train/compress/quantized_forward.h"

namespace noggin::exporter {

format::FrozenModel freeze(const train::Student& student, const runtime::TokenizerContents& tokenizer,
                           const format::TaskContents& task) {
  format::FrozenModel model;
  model.config = student.config;
  model.tensors = train::quantize_student(student);
  model.tokenizer = tokenizer;
  model.task = task;
  return model;
}

Status add_golden_vectors(format::FrozenModel& model, const std::vector<std::string>& texts) {
  const runtime::FloatEnvironment environment;
  const Result<std::vector<std::byte>> section = runtime::serialize_tokenizer(model.tokenizer);
  if (!section) return section.error();
  const Result<runtime::WordPieceTokenizer> tokenizer = runtime::WordPieceTokenizer::bind(*section);
  if (!tokenizer) return tokenizer.error();
  const train::QuantizedStudent student(model.config, model.tensors);
  std::vector<std::uint32_t> ids(model.config.max_tokens);
  for (const std::string& text : texts) {
    const std::size_t count = tokenizer->encode(text, ids);
    const std::span<const std::uint32_t> used(ids.data(), count);
    model.golden.push_back({text, {used.begin(), used.end()}, student.logits(used, runtime::reference_kernels())});
  }
  return {};
}

}  // namespace noggin::exporter
