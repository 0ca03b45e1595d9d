// A finished model as plain named arrays: what training passes to the exporters. The .nog writer, the ONNX exporter and
// the verifier all start from this one value; none of them depends on LibTorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "format/decision.h"
#include "noggin/result.h"
#include "spec/check.h"
#include "spec/model_config.h"
#include "spec/task.h"
#include "tokenizer/contents.h"

namespace noggin::format {

// One entry of spec::tensor_table. Which fields are used follows from its kind.
struct FrozenTensor {
  std::vector<std::int8_t> values;   // kEmbedding, kLinear: [rows, columns] row-major, not packed
  std::vector<float> floats;         // kEmbedding: scale per row; kLinear: output scale fl(s_a*s_w) per row;
                                     // kVector: the values; kActivationScale: one value
  std::vector<std::int32_t> bias;    // kLinear: [rows], in units of the output scale
  std::vector<std::int8_t> steps{};  // kLinear of int4: sub-steps [rows, columns / group], 1..127
};

struct TaskContents {
  std::vector<std::string> labels;  // [C], class = index
  std::int32_t none_class = -1;     // the "none of these" class, or -1; single-label only
  spec::TaskKind kind = spec::TaskKind::kSingleLabel;
  float temperature = 1.0F;           // divides the logits before softmax or sigmoid; 0.05 to 20
  float abstain_below = 0.0F;         // single-label: an answer less probable than this abstains; 0: never, at most 1
  std::vector<float> thresholds{};    // multi-label, score: [C], positive from here up; empty: 0.5
  std::vector<spec::Check> checks{};  // tag: what finds spans beside the model
};

// The part of `task` that the decision and checks sections store; a view of it.
inline Decision decision_of(const TaskContents& task) {
  return {task.kind, task.temperature, task.abstain_below, task.thresholds, task.checks};
}

// text -> token ids -> logits, made by the trainer's quantized forward. The file of a model of many classes holds
// hashes of them (kMostGoldenClasses).
struct GoldenVector {
  std::string text;
  std::vector<std::uint32_t> token_ids;  // with special tokens, truncated
  std::vector<float> logits;             // [R, C], R = spec::logit_rows(config, token_ids.size())
};

struct FrozenModel {
  spec::ModelConfig config;
  std::map<std::string, FrozenTensor> tensors;  // exactly the names of spec::tensor_table(config)
  runtime::TokenizerContents tokenizer;         // family kEncoder
  runtime::NgramContents ngrams{};              // family kNgram
  TaskContents task;
  std::vector<GoldenVector> golden;
  std::string provenance;  // a JSON object: hashes, versions, metrics with n and interval, gates
};

// Success when names, shapes and value ranges agree with spec::tensor_table(config), scales are finite and positive,
// tokenizer, labels and golden vectors fit the config, and kind, labels and pooling fit each other. Otherwise names the
// first offender.
Status validate(const FrozenModel& model);

}  // namespace noggin::format
