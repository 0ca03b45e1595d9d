// Random but valid FrozenModels for a given ModelConfig: the same seed gives the same model on every machine (own
// generator, because the standard distributions differ between libraries). Scales are chosen so that activations
// neither vanish nor all saturate, so that a forward pass through such a model exercises every step.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "format/frozen_model.h"
#include "spec/tensor_table.h"

namespace noggin::test {

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  // [low, high), a multiple of 2^-24 of the width, so exact on every machine.
  float uniform(float low, float high) {
    return low + (high - low) * (static_cast<float>(next() >> 40) * (1.0F / 16777216.0F));
  }

 private:
  std::uint64_t state_;
};

// Two unequal layers, odd widths: no size is a multiple of a panel.
inline spec::ModelConfig small_config() {
  spec::ModelConfig config;
  config.vocabulary_size = 37;
  config.max_tokens = 9;
  config.encoder.width = 20;
  config.encoder.head_width = 5;
  config.classes = 3;
  config.encoder.layers = {{2, 13}, {1, 18}};
  return config;
}

// 4 special tokens, then "a", "##a", "b", "##b", ..., then made-up pieces. unicode_tables stays empty: tests that need
// a working tokenizer fill it. V >= 4.
inline runtime::TokenizerContents random_tokenizer(std::uint32_t vocabulary_size) {
  runtime::TokenizerContents tokenizer;
  tokenizer.vocabulary = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"};
  tokenizer.pad_id = 0;
  tokenizer.unknown_id = 1;
  tokenizer.cls_id = 2;
  tokenizer.sep_id = 3;
  const auto letter = [](std::uint32_t i) { return std::string(1, static_cast<char>('a' + i % 26)); };
  for (std::uint32_t i = 0; tokenizer.vocabulary.size() < vocabulary_size; ++i) {
    std::string piece = letter(i / 2);
    for (std::uint32_t rest = i / 52; rest > 0; rest /= 26) piece += letter(rest);
    tokenizer.vocabulary.push_back(i % 2 == 0 ? piece : "##" + piece);
  }
  tokenizer.vocabulary.resize(vocabulary_size);
  return tokenizer;
}

inline format::FrozenTensor random_tensor(const spec::TensorSpec& tensor, Random& random) {
  format::FrozenTensor result;
  const auto weights = [&](std::size_t count) {
    const spec::WeightRange range = spec::range_of(tensor.type);
    const int low = static_cast<int>(range.low), high = static_cast<int>(range.high);
    result.values.resize(count);
    for (std::int8_t& value : result.values)
      value = static_cast<std::int8_t>(static_cast<int>(random.below(static_cast<unsigned>(high - low + 1))) + low);
  };
  switch (tensor.kind) {
    case spec::TensorKind::kEmbedding:
      weights(std::size_t{tensor.rows} * tensor.columns);
      for (std::uint32_t r = 0; r < tensor.rows; ++r) {
        const float scale = random.uniform(0.002F, 0.01F);
        result.floats.push_back(tensor.type == spec::WeightType::kInt4 ? 16.0F * scale : scale);
      }
      break;
    case spec::TensorKind::kLinear: {
      weights(std::size_t{tensor.rows} * tensor.columns);
      // |a| and |w| are about 40 and 73 on average, so this keeps outputs near 1.
      // An int4 weight is about 4, times a sub-step of about 64.
      // A projection's outputs are multiplied by a word's scale afterwards, some 0.006.
      const float wanted = tensor.input_scale.empty() ? 100.0F : 1.0F;
      const float typical =
          wanted / (std::sqrt(static_cast<float>(tensor.columns)) * 40.0F * (tensor.group == 0 ? 73.0F : 300.0F));
      for (std::uint32_t s = 0; tensor.group != 0 && s < tensor.rows * (tensor.columns / tensor.group); ++s) {
        result.steps.push_back(static_cast<std::int8_t>(1 + random.below(127)));
      }
      for (std::uint32_t r = 0; r < tensor.rows; ++r) {
        result.floats.push_back(typical * random.uniform(0.5F, 2.0F));
        result.bias.push_back(static_cast<std::int32_t>(random.uniform(-0.5F, 0.5F) / typical));
      }
      break;
    }
    case spec::TensorKind::kVector: {
      const bool gamma = tensor.name.ends_with("gamma");
      for (std::uint32_t c = 0; c < tensor.columns; ++c)
        result.floats.push_back(gamma ? random.uniform(0.5F, 1.5F) : random.uniform(-0.3F, 0.3F));
      break;
    }
    case spec::TensorKind::kActivationScale:
      result.floats.push_back(random.uniform(0.01F, 0.03F));
      break;
  }
  return result;
}

// The task that suits a config: tag if the head answers every token (`classes` must be odd and at least 3), score if
// there is one class, else single label.
inline format::TaskContents task_for(const spec::ModelConfig& config) {
  format::TaskContents task;
  const bool tag = config.pooling == spec::Pooling::kEveryToken;
  if (tag) {
    task.kind = spec::TaskKind::kTag;
    task.labels.push_back("O");
    for (std::uint32_t c = 1; c < config.classes; ++c) {
      task.labels.push_back((c % 2 == 1 ? "B-type_" : "I-type_") + std::to_string((c - 1) / 2));
    }
    return task;
  }
  for (std::uint32_t c = 0; c < config.classes; ++c) task.labels.push_back("label_" + std::to_string(c));
  if (config.classes == 1)
    task.kind = spec::TaskKind::kScore;
  else
    task.none_class = static_cast<std::int32_t>(config.classes) - 1;
  return task;
}

// `golden_vectors` hold random ids and made-up logits: valid for the format, not for a forward pass.
inline format::FrozenModel random_frozen_model(const spec::ModelConfig& config, std::uint64_t seed,
                                               std::size_t golden_vectors = 3) {
  Random random(seed);
  format::FrozenModel model;
  model.config = config;
  for (const spec::TensorSpec& tensor : spec::tensor_table(config))
    model.tensors[tensor.name] = random_tensor(tensor, random);
  model.tokenizer = random_tokenizer(config.vocabulary_size);
  model.task = task_for(config);
  for (std::size_t g = 0; g < golden_vectors; ++g) {
    format::GoldenVector golden;
    golden.text = std::string(random.below(20), static_cast<char>('a' + g % 26));
    golden.token_ids.resize(1 + random.below(config.max_tokens));
    for (std::uint32_t& id : golden.token_ids) id = static_cast<std::uint32_t>(random.below(config.vocabulary_size));
    golden.logits.resize(spec::logit_rows(config, golden.token_ids.size()) * config.classes);
    for (float& logit : golden.logits) logit = random.uniform(-5.0F, 5.0F);
    model.golden.push_back(golden);
  }
  model.provenance = R"({"made_by":"random_frozen_model","seed":)" + std::to_string(seed) + "}";
  return model;
}

}  // namespace noggin::test
