// Reads every byte that a ModelView points to, so that a sanitizer or the page after a mapping catches a view that
// reaches outside. Also checks the ranges that kernels rely on.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "format/reader.h"
#include "spec/quant.h"

namespace noggin::test {

// good() is false when a view breaks a guarantee of the reader.
class ViewToucher {
 public:
  explicit ViewToucher(const format::ModelView& view) {
    embedding(view.word);
    if (view.config.encoder.embedding_width > 0) linear(view.word_projection);
    embedding(view.position);
    vector(view.embedding_norm.gamma, view.config.encoder.width);
    vector(view.embedding_norm.beta, view.config.encoder.width);
    for (const format::LayerView& layer : view.layers) this->layer(layer, view.config.encoder.width);
    linear(view.classifier);
    scale(view.classifier.input_scale);
    good_ =
        good_ && view.labels.size() == view.config.classes && view.layers.size() == view.config.encoder.layers.size();
    for (const std::string_view label : view.labels) text(label);
    for (const format::GoldenView& golden : view.golden) {
      text(golden.text);
      for (const std::uint32_t id : golden.token_ids) good_ = good_ && id < view.config.vocabulary_size;
      vector(golden.logits.data(), golden.logits.size());
    }
    vector(view.decision.thresholds.data(), view.decision.thresholds.size());
    scale(view.decision.temperature);
    for (const std::string_view type : view.tags.types) text(type);
    text(view.provenance);
    for (const std::byte b : view.reference) checksum_ += static_cast<unsigned>(b);
    for (const std::byte b : view.tokenizer) checksum_ += static_cast<unsigned>(b);
  }
  bool good() const { return good_ && checksum_ != 1; }

 private:
  void text(std::string_view text) {
    for (const char c : text) checksum_ += static_cast<unsigned char>(c);
  }
  void scale(float value) { good_ = good_ && value > 0.0F && std::isfinite(1.0F / value); }
  void vector(const float* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) good_ = good_ && std::isfinite(values[i]);
  }
  void embedding(const spec::EmbeddingView& view) {
    for (std::size_t r = 0; r < view.rows; ++r) {
      for (std::size_t c = 0; c < view.columns; ++c) good_ = good_ && view.at(r, c) != -128;
      scale(view.scales[r]);
    }
  }
  static std::int8_t weight_at(const spec::LinearView& view, std::size_t n, std::size_t k) {
    if (view.group > 0) return view.int4_weight(n, k);
    return view.panels[spec::panel_offset(n, k, spec::padded_inputs(view.inputs))];
  }
  std::int32_t step_at(const spec::LinearView& view, std::size_t n, std::size_t k) {
    if (view.group == 0) return 1;
    const std::int8_t step = view.steps[spec::step_offset(n, k / view.group, view.inputs / view.group)];
    good_ = good_ && (n < view.outputs ? step >= 1 : step == 0);
    return step;
  }
  void linear(const spec::LinearView& view) {
    const std::size_t inputs = spec::padded_inputs(view.inputs);
    for (std::size_t n = 0; n < spec::padded_outputs(view.outputs); ++n) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < inputs; ++k) {
        const std::int8_t weight = weight_at(view, n, k);
        good_ = good_ && weight != -128 && (weight == 0 || (n < view.outputs && k < view.inputs));
        sum += weight * step_at(view, n, k);
      }
      const spec::LinearColumn& column = view.columns[n];
      good_ = good_ && std::abs(column.bias) <= 8388608 && column.bias_minus_offset == column.bias - 128 * sum;
      scale(column.scale);
    }
  }
  void layer(const format::LayerView& layer, std::size_t width) {
    for (const spec::LinearView* view : {&layer.qkv, &layer.attention_output, &layer.ffn_up, &layer.ffn_down})
      linear(*view);
    for (const float* values :
         {layer.attention_norm.gamma, layer.attention_norm.beta, layer.ffn_norm.gamma, layer.ffn_norm.beta}) {
      vector(values, width);
    }
    for (const float value : {layer.qkv.input_scale, layer.query_scale, layer.key_scale, layer.value_scale,
                              layer.attention_output.input_scale, layer.ffn_up.input_scale, layer.preactivation_scale,
                              layer.ffn_down.input_scale}) {
      scale(value);
    }
  }

  bool good_ = true;
  std::uint64_t checksum_ = 2;
};

}  // namespace noggin::test
