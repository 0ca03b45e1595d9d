#include "train/run/space_needed.h"

#include <algorithm>

#include "spec/tensor_table.h"

namespace noggin::train {
namespace {

constexpr std::uint64_t kDataPerLogByte = 4;      // shards and parts
constexpr std::uint64_t kFixedBytes = 1U << 20U;  // messages, metrics, descriptions
constexpr std::uint64_t kStudentsPerState = 5;    // weights, the best, two moments, their average
constexpr std::uint64_t kStates = 3;              // the newest, the one before, and one being written
constexpr std::uint64_t kExports = 3;             // .nog and .onnx are smaller, the baseline comes on top
constexpr std::uint64_t kBytesPerLogit = 14;      // in parity.jsonl
constexpr std::uint64_t kMostLogits = 512;        // of a row there; more become a hash

std::uint64_t student_bytes(const Recipe& recipe, const RunInputs& inputs) {
  const StudentRecipe& student = recipe.student;
  spec::ModelConfig config;
  config.vocabulary_size = std::max(1U, inputs.vocabulary_size);
  config.max_tokens = recipe.tokenizer.max_tokens;
  config.classes = std::max(1U, inputs.classes);
  config.encoder.width = student.width;
  config.encoder.embedding_width = student.embedding_width;
  config.encoder.head_width = student.width / std::max(1U, student.heads);
  config.encoder.layers.assign(student.layers, {student.heads, student.ffn_width});
  if (!spec::validate(config)) return 0;  // training says why
  std::uint64_t floats = 0;
  spec::for_each_tensor(
      config, [&](spec::TensorSpec&& tensor) { floats += std::uint64_t{tensor.rows} * tensor.columns + tensor.rows; });
  return floats * sizeof(float);
}

std::uint64_t parity_bytes(const Recipe& recipe, const RunInputs& inputs) {
  const bool per_token = spec::traits_of(recipe.task).per_token();
  const std::uint64_t bytes_per_answer = per_token ? 4 : 40;  // of a log: a short token, a short row
  return inputs.test_bytes / bytes_per_answer * std::clamp<std::uint64_t>(inputs.classes, 1, kMostLogits) *
             kBytesPerLogit +
         inputs.test_bytes;
}

}  // namespace

std::uint64_t space_needed(const Recipe& recipe, const RunInputs& inputs) {
  const std::uint64_t starts = recipe.init.from.empty() ? 0 : 1;
  const std::uint64_t students = kStates * kStudentsPerState + starts + recipe.phases.size() + kExports;
  return kFixedBytes + inputs.log_bytes * kDataPerLogByte + student_bytes(recipe, inputs) * students +
         parity_bytes(recipe, inputs);
}

}  // namespace noggin::train
