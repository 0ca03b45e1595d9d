// Whole model files for tests of the engine and everything above it: random weights, the tiny tokenizer, and golden
// vectors made by the reference kernels.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "format/writer.h"
#include "kernels/kernel_set.h"
#include "noggin/engine.h"
#include "tests/support/format_aligned_bytes.h"
#include "tests/support/format_random_model.h"
#include "tests/support/tokenizer_tiny.h"
#include "tokenizer/wordpiece.h"

namespace noggin::test {

inline const std::vector<std::string>& sample_texts() {
  static const std::vector<std::string> texts = {
      "where is my parcel",
      "",
      "how do i not do the thing, the other thing and 3 more things?",
      "\xFF\xFE broken \xC3",
      "a",
      "the the the the the the the the the the the the the the the the the the the the the"};
  return texts;
}

inline std::vector<std::byte> serialized(const format::FrozenModel& model) {
  const Result<std::vector<std::byte>> tokenizer = runtime::serialize_tokenizer(model.tokenizer);
  EXPECT_TRUE(tokenizer) << (tokenizer ? "" : tokenizer.error().message);
  Result<std::vector<std::byte>> bytes = format::serialize(model, *tokenizer);
  EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().message);
  return *std::move(bytes);
}

// A model and the bytes that it is read from.
struct OpenModel {
  AlignedBytes bytes;
  Model model;
};

inline OpenModel open_model(const format::FrozenModel& frozen) {
  AlignedBytes bytes(serialized(frozen));
  Result<Model> model = Model::from_memory(bytes.span());
  EXPECT_TRUE(model) << (model ? "" : model.error().message);
  return {std::move(bytes), *std::move(model)};
}

inline std::vector<float> copied(std::span<const float> values) { return {values.begin(), values.end()}; }

// Equal bits, not equal values: -0 is not +0.
inline std::vector<std::uint32_t> bits(std::span<const float> values) {
  std::vector<std::uint32_t> result;
  for (const float value : values) result.push_back(std::bit_cast<std::uint32_t>(value));
  return result;
}

inline format::GoldenVector golden_vector(Session& session, const std::string& text) {
  format::GoldenVector golden{text, {}, {}};
  const std::span<const std::uint32_t> ids = session.tokenize(text);
  golden.token_ids.assign(ids.begin(), ids.end());
  golden.logits = copied(*session.logits(golden.token_ids));
  return golden;
}

// config.vocabulary_size >= 57, so that words have pieces.
inline format::FrozenModel frozen_model_with_golden(const spec::ModelConfig& config, std::uint64_t seed) {
  format::FrozenModel frozen = random_frozen_model(config, seed, 0);
  frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  const OpenModel open = open_model(frozen);
  Result<Session> session = Session::create(open.model, "reference");
  EXPECT_TRUE(session) << (session ? "" : session.error().message);
  for (const std::string& text : sample_texts()) frozen.golden.push_back(golden_vector(*session, text));
  return frozen;
}

// The reference comes last. If NOGGIN_FORCE_ISA names a set: that set and the reference.
inline std::vector<std::string> executable_kernel_sets() {
  std::vector<std::string> names;
  const char* forced = std::getenv("NOGGIN_FORCE_ISA");
  const bool one = forced != nullptr && forced[0] != '\0';
  const runtime::KernelSetList sets = runtime::kernel_sets();
  for (std::size_t i = 0; i < sets.count; ++i) {
    const std::string name = sets.entries[i].kernels->name;
    const bool wanted = !one || name == forced || i + 1 == sets.count;
    if (sets.entries[i].executable && wanted) names.push_back(name);
  }
  return names;
}

inline spec::ModelConfig engine_config() {
  spec::ModelConfig config = small_config();
  config.vocabulary_size = 90;
  config.max_tokens = 19;
  return config;
}

// Sizes that are no multiple of a panel, all poolings, every size at its minimum, and a typical shape.
inline std::vector<spec::ModelConfig> odd_configs() {
  std::vector<spec::ModelConfig> configs;
  const auto add = [&configs](std::uint32_t width, std::uint32_t head_width, std::uint32_t classes,
                              std::vector<spec::LayerConfig> layers, spec::Pooling pooling) {
    spec::ModelConfig config = engine_config();
    config.encoder.width = width;
    config.encoder.head_width = head_width;
    config.classes = classes;
    config.encoder.layers = std::move(layers);
    config.pooling = pooling;
    configs.push_back(config);
  };
  add(1, 1, 2, {{1, 1}}, spec::Pooling::kMean);
  add(7, 3, 5, {{1, 2}, {3, 70}}, spec::Pooling::kFirstToken);
  add(65, 17, 151, {{2, 129}, {1, 1}, {3, 31}}, spec::Pooling::kMean);
  add(33, 5, 19, {{2, 40}, {1, 17}}, spec::Pooling::kEveryToken);
  add(128, 32, 17, {{4, 256}, {2, 64}}, spec::Pooling::kMean);
  add(40, 8, 7, {{2, 23}}, spec::Pooling::kEveryToken);
  configs.back().encoder.embedding_width = 13;
  add(2, 3, 4, {{1, 5}}, spec::Pooling::kFirstToken);
  configs.back().encoder.embedding_width = 1;
  add(35, 7, 6, {{2, 23}}, spec::Pooling::kMean);
  configs.back().encoder.word_type = spec::WeightType::kInt4;
  add(64, 16, 5, {{2, 33}}, spec::Pooling::kEveryToken);
  configs.back().encoder.embedding_width = 13;
  configs.back().encoder.word_type = spec::WeightType::kInt4;
  add(64, 16, 5, {{2, 96}, {4, 128}}, spec::Pooling::kMean);
  configs.back().encoder.layers[0] = {2, 96, 64, 32, 32, 32};
  configs.back().encoder.layers[1] = {4, 128, 0, 64, 64, 128};
  add(96, 32, 3, {{2, 64}}, spec::Pooling::kEveryToken);
  configs.back().encoder.layers[0] = {2, 64, 32, 0, 0, 64};
  configs.back().encoder.embedding_width = 13;
  configs.back().encoder.word_type = spec::WeightType::kInt4;
  return configs;
}

}  // namespace noggin::test
