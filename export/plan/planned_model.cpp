#include "export/plan/planned_model.h"

#include <algorithm>
#include <span>

#include "format/file_layout.h"
#include "format/writer.h"
#include "spec/tag_scheme.h"
#include "spec/tensor_table.h"
#include "tokenizer/wordpiece.h"

namespace noggin::exporter {
namespace {

// Any scale of a usual size: no step of a forward pass becomes infinite, zero or slow by denormal numbers.
constexpr float kPlannedScale = 0.01F;

class MadeUpWeights {
 public:
  std::vector<std::int8_t> values(std::size_t count, spec::WeightType type) {
    const spec::WeightRange range = spec::range_of(type);
    const auto low = static_cast<int>(range.low), steps = static_cast<int>(range.high) - low + 1;
    std::vector<std::int8_t> result(count);
    for (std::int8_t& value : result) {
      state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
      value = static_cast<std::int8_t>(static_cast<int>((state_ >> 33) % static_cast<std::uint64_t>(steps)) + low);
    }
    return result;
  }

  format::FrozenTensor tensor(const spec::TensorSpec& spec) {
    format::FrozenTensor result;
    const std::size_t size = std::size_t{spec.rows} * spec.columns;
    switch (spec.kind) {
      case spec::TensorKind::kLinear:
        result.bias.assign(spec.rows, 0);
        if (spec.group != 0) result.steps.assign(std::size_t{spec.rows} * (spec.columns / spec.group), 64);
        [[fallthrough]];
      case spec::TensorKind::kEmbedding:
        result.values = values(size, spec.type);
        result.floats.assign(spec.rows, kPlannedScale);
        break;
      case spec::TensorKind::kVector:
      case spec::TensorKind::kActivationScale:
        result.floats.assign(size, kPlannedScale);
        break;
    }
    return result;
  }

 private:
  std::uint64_t state_ = 1;
};

// The texts' own token ids, because their number counts; no logits were computed.
Status add_planned_golden(const FileContents& contents, std::span<const std::byte> section,
                          format::FrozenModel& model) {
  const Result<runtime::WordPieceTokenizer> tokenizer = runtime::WordPieceTokenizer::bind(section);
  if (!tokenizer) return tokenizer.error();
  std::vector<std::uint32_t> ids(model.config.max_tokens);
  for (const std::string& text : contents.golden_texts) {
    const std::size_t count = tokenizer->encode(text, ids);
    std::vector<float> logits(spec::logit_rows(model.config, count) * model.config.classes);
    model.golden.push_back({text, {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count)}, std::move(logits)});
  }
  return {};
}

// As many counts as the finished file will have, all 0.
Counts no_counts(const format::TaskContents& task) {
  const std::vector<std::string_view> labels(task.labels.begin(), task.labels.end());
  const Result<spec::TagScheme> tags = spec::make_tag_scheme(task.kind, labels);
  Counts counts;
  counts.answers.resize(spec::traits_of(task.kind).per_token() && tags ? tags->types.size() : labels.size());
  return counts;
}

}  // namespace

FileParts file_parts(const spec::ModelConfig& config, std::uint64_t tokenizer_bytes, std::uint64_t total_bytes) {
  FileParts parts;
  std::uint64_t offset = 0;
  spec::for_each_tensor(config, [&](spec::TensorSpec&& spec) {
    const std::uint64_t end = format::place_tensor(spec, offset).end;
    std::uint64_t* part = &parts.rest;
    if (spec.name == "embeddings.word" || spec.name == "embeddings.projection") part = &parts.words;
    if (spec.name.starts_with("layers.")) part = &parts.layers;
    if (spec.name.starts_with("head.")) part = &parts.classifier;
    *part += end - offset;
    offset = end;
  });
  parts.vocabulary = tokenizer_bytes;
  parts.total = total_bytes;
  parts.rest = total_bytes - parts.words - parts.layers - parts.classifier - parts.vocabulary;
  return parts;
}

Result<PlannedFile> planned_file(const FileContents& contents) {
  const Result<std::vector<std::byte>> section = runtime::serialize_tokenizer(contents.tokenizer);
  if (!section) return section.error();
  format::FrozenModel model;
  model.config = contents.config;
  model.tokenizer = contents.tokenizer;
  model.task = contents.task;
  model.provenance = contents.provenance;
  if (Status valid = spec::validate(model.config); !valid) return valid.error();
  MadeUpWeights weights;
  spec::for_each_tensor(model.config,
                        [&](spec::TensorSpec&& spec) { model.tensors[spec.name] = weights.tensor(spec); });
  if (Status status = add_planned_golden(contents, *section, model); !status) return status.error();
  const Counts reference = no_counts(model.task);
  Result<std::vector<std::byte>> bytes = format::serialize(model, *section, &reference);
  if (!bytes) return bytes.error();
  const FileParts parts = file_parts(model.config, section->size(), bytes->size());
  return PlannedFile{*std::move(bytes), parts};
}

}  // namespace noggin::exporter
