#include "format/frozen_model.h"

#include <algorithm>
#include <functional>

#include "format/file_layout.h"
#include "format/value_checks.h"
#include "spec/tensor_table.h"

namespace noggin::format {
namespace {

Status check_size(const std::string& where, const char* what, std::size_t size, std::uint64_t expected) {
  if (size == expected) return {};
  return Error{ErrorCode::kInvalidArgument,
               message({where, ": has ", size, " ", what, ", its shape needs ", expected})};
}

Status check_shape(const std::string& where, const spec::TensorSpec& spec, const FrozenTensor& tensor) {
  const bool integer = spec.kind == spec::TensorKind::kEmbedding || spec.kind == spec::TensorKind::kLinear;
  const std::uint64_t values = integer ? std::uint64_t{spec.rows} * spec.columns : 0;
  const std::uint64_t floats = integer ? spec.rows : spec.columns;
  const std::uint64_t biases = spec.kind == spec::TensorKind::kLinear ? spec.rows : 0;
  if (Status status = check_size(where, "integers", tensor.values.size(), values); !status) return status;
  if (Status status = check_size(where, "floats", tensor.floats.size(), floats); !status) return status;
  if (Status status = check_size(where, "biases", tensor.bias.size(), biases); !status) return status;
  const std::uint64_t steps = spec.group == 0 ? 0 : std::uint64_t{spec.rows} * (spec.columns / spec.group);
  return check_size(where, "sub-steps", tensor.steps.size(), steps);
}

Status check_values(const std::string& where, const spec::TensorSpec& spec, const FrozenTensor& tensor) {
  switch (spec.kind) {
    case spec::TensorKind::kVector:
      return check_norm_parameters(where, tensor.floats);
    case spec::TensorKind::kActivationScale:
      return check_scale(where, tensor.floats[0], spec::kSmallestScale);
    case spec::TensorKind::kEmbedding:
    case spec::TensorKind::kLinear:
      break;
  }
  const bool linear = spec.kind == spec::TensorKind::kLinear;
  if (Status status = check_weights(where, tensor.values, spec.type); !status) return status;
  if (Status status = check_steps(where, tensor.steps); !status) return status;
  for (std::size_t row = 0; row < tensor.bias.size(); ++row) {
    const std::string at = message({where, " row ", row});
    if (Status status = check_bias(at, tensor.bias[row]); !status) return status;
    Status scale = check_scale(at, tensor.floats[row], kSmallestOutputScale, largest_output_scale(spec));
    if (!scale) return scale;
  }
  return check_scales(where, tensor.floats, linear ? kSmallestOutputScale : spec::kSmallestScale);
}

Status check_tensors(const FrozenModel& model) {
  const std::vector<spec::TensorSpec> table = spec::tensor_table(model.config);
  for (const spec::TensorSpec& spec : table) {
    const std::string where = "tensor " + spec.name;
    const auto found = model.tensors.find(spec.name);
    if (found == model.tensors.end()) return Error{ErrorCode::kInvalidArgument, where + ": is missing"};
    if (Status status = check_shape(where, spec, found->second); !status) return status;
    if (Status status = check_values(where, spec, found->second); !status) return status;
  }
  if (model.tensors.size() == table.size()) return {};
  for (const auto& [name, tensor] : model.tensors) {
    bool listed = false;
    for (const spec::TensorSpec& spec : table) listed = listed || spec.name == name;
    if (!listed) return Error{ErrorCode::kInvalidArgument, "tensor " + name + ": this config has no such tensor"};
  }
  return {};
}

Status check_tokenizer(const runtime::TokenizerContents& tokenizer, std::uint32_t vocabulary_size) {
  if (Status status = check_size("tokenizer", "vocabulary entries", tokenizer.vocabulary.size(), vocabulary_size);
      !status)
    return status;
  for (const std::uint32_t id : {tokenizer.unknown_id, tokenizer.cls_id, tokenizer.sep_id, tokenizer.pad_id}) {
    if (id >= vocabulary_size) {
      return Error{ErrorCode::kInvalidArgument,
                   message({"tokenizer: special token id ", id, " is outside the vocabulary of ", vocabulary_size})};
    }
  }
  return {};
}

Status check_ngrams(const runtime::NgramContents& ngrams, std::uint32_t vocabulary_size) {
  const std::vector<std::uint32_t>& known = ngrams.known_buckets;
  if (Status status = check_size("n-grams", "known buckets", known.size(), vocabulary_size); !status) return status;
  const bool rising = std::adjacent_find(known.begin(), known.end(), std::greater_equal<>()) == known.end();
  if (rising && known.back() < ngrams.buckets) return {};
  return broken_rule("n-grams", {"the known buckets must ascend and stay below ", ngrams.buckets});
}

Status check_task(const TaskContents& task, const spec::ModelConfig& config) {
  if (Status status = check_size("task", "labels", task.labels.size(), config.classes); !status) return status;
  for (std::size_t i = 0; i < task.labels.size(); ++i) {
    if (Status status = check_label(message({"task label ", i}), task.labels[i]); !status) return status;
  }
  const std::vector<std::string_view> labels(task.labels.begin(), task.labels.end());
  if (Status status = check_unique_labels(labels); !status) return status;
  if (Status status = check_none_class(task.none_class, config.classes); !status) return status;
  if (Status status = check_decision(decision_of(task), task.none_class, config); !status) return status;
  const Result<spec::TagScheme> tags = tag_scheme(task.kind, labels);
  return tags ? check_checks(task.checks, task.kind, *tags) : tags.error();
}

Status check_golden(const std::vector<GoldenVector>& golden, const spec::ModelConfig& config) {
  if (golden.size() > kMaxGoldenVectors) {
    return broken_rule("golden", {golden.size(), " vectors, the limit is ", kMaxGoldenVectors});
  }
  for (std::size_t i = 0; i < golden.size(); ++i) {
    const std::string where = message({"golden vector ", i});
    if (Status status = check_golden_text(where, golden[i].text); !status) return status;
    if (Status ids = check_token_ids(where, golden[i].token_ids, config); !ids) return ids;
    const std::size_t logits = spec::logit_rows(config, golden[i].token_ids.size()) * config.classes;
    if (Status status = check_size(where, "logits", golden[i].logits.size(), logits); !status) return status;
    if (Status status = check_logits(where, golden[i].logits); !status) return status;
  }
  return {};
}

Status check_all(const FrozenModel& model) {
  if (Status status = spec::validate(model.config); !status) return status;
  if (Status status = check_tensors(model); !status) return status;
  const std::uint32_t vocabulary_size = model.config.vocabulary_size;
  const Status reads_text = model.config.family == spec::Family::kNgram
                                ? check_ngrams(model.ngrams, vocabulary_size)
                                : check_tokenizer(model.tokenizer, vocabulary_size);
  if (!reads_text) return reads_text;
  if (Status status = check_task(model.task, model.config); !status) return status;
  if (Status status = check_golden(model.golden, model.config); !status) return status;
  return check_provenance(model.provenance);
}

}  // namespace

Status validate(const FrozenModel& model) {
  Status status = check_all(model);
  if (status || status.error().code == ErrorCode::kUnsupported) return status;
  return Error{ErrorCode::kInvalidArgument, "this model cannot be written: " + status.error().message +
                                                ". The reader would refuse the file; correct the model"};
}

}  // namespace noggin::format
