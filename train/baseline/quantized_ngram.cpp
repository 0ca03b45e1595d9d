#include "train/baseline/quantized_ngram.h"

#include <algorithm>
#include <cmath>

#include "spec/formulas.h"
#include "spec/quant.h"
#include "tokenizer/ngram_tokenizer.h"

namespace noggin::train {

format::FrozenModel freeze(const LinearNgram& model, const format::TaskContents& task) {
  const std::size_t classes = model.classes();
  std::vector<LinearNgram::FeatureView> features = model.features();
  const std::vector<float> nothing(classes, 0.0F);
  if (features.empty()) features.push_back({0, 1.0F, nothing});

  std::vector<float> scale(classes);
  for (std::size_t c = 0; c < classes; ++c) {
    float largest = 0.0F;
    for (const LinearNgram::FeatureView& feature : features) largest = std::max(largest, std::abs(feature.weights[c]));
    scale[c] = spec::weight_scale(largest, 0.0F, 1.0F);
  }

  format::FrozenModel frozen;
  frozen.config = spec::ngram_config(static_cast<std::uint32_t>(features.size()), model.classes(), kNgramsPerText);
  frozen.task = task;
  frozen.ngrams.buckets = model.buckets();
  format::FrozenTensor& weight = frozen.tensors["ngrams.weight"];
  for (const LinearNgram::FeatureView& feature : features) {
    frozen.ngrams.known_buckets.push_back(feature.bucket);
    weight.floats.push_back(feature.inverse_document_frequency);
    for (std::size_t c = 0; c < classes; ++c)
      weight.values.push_back(spec::quantize_weight(feature.weights[c], 1.0F / scale[c]));
  }
  for (const float row_scale : scale)
    frozen.tensors["head.scale"].floats.push_back(spec::output_scale(1.0F / spec::kUnitSteps, row_scale));
  frozen.tensors["head.bias"].floats.assign(model.bias().begin(), model.bias().end());
  return frozen;
}

QuantizedNgram::QuantizedNgram(const spec::ModelConfig& config,
                               const std::map<std::string, format::FrozenTensor>& tensors)
    : classes_(config.classes),
      weights_(tensors.at("ngrams.weight").values),
      inverse_document_frequency_(tensors.at("ngrams.weight").floats),
      scale_(tensors.at("head.scale").floats),
      bias_(tensors.at("head.bias").floats) {}

std::vector<float> QuantizedNgram::logits(std::span<const std::uint32_t> ids) const {
  std::map<std::uint32_t, std::uint32_t> counts;  // in ascending order of ids
  for (const std::uint32_t id : ids) ++counts[id];
  std::vector<float> values;
  float squares = 0.0F;
  for (const auto& [id, count] : counts) {
    values.push_back(spec::ngram_value(count, inverse_document_frequency_[id]));
    squares += values.back() * values.back();
  }
  const float inverse_length = 1.0F / std::sqrt(squares);
  std::vector<std::int32_t> sums(classes_);
  std::size_t k = 0;
  for (const auto& [id, count] : counts) {
    const std::int32_t value = spec::quantize_unit(values[k++] * inverse_length);
    for (std::size_t c = 0; c < classes_; ++c) sums[c] += value * weights_[id * classes_ + c];
  }
  std::vector<float> result;
  for (std::size_t c = 0; c < classes_; ++c) result.push_back(spec::dequantize(sums[c], scale_[c]) + bias_[c]);
  return result;
}

Status add_golden_vectors(format::FrozenModel& model, const std::vector<std::string>& texts) {
  const Result<std::vector<std::byte>> section = runtime::serialize_ngrams(model.ngrams);
  if (!section) return section.error();
  const Result<runtime::NgramTokenizer> tokenizer = runtime::NgramTokenizer::bind(*section);
  if (!tokenizer) return tokenizer.error();
  const QuantizedNgram forward(model.config, model.tensors);
  std::vector<std::uint32_t> ids(model.config.max_tokens);
  for (const std::string& text : texts) {
    const std::span<const std::uint32_t> used(ids.data(), tokenizer->encode(text, ids));
    model.golden.push_back({text, {used.begin(), used.end()}, forward.logits(used)});
  }
  return {};
}

}  // namespace noggin::train
