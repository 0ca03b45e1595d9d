// Whatever the writer makes, the reader shows unchanged: config, every tensor, labels, golden vectors, provenance.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "bytes/float_hash.h"
#include "bytes/little_endian.h"
#include "format/file_layout.h"
#include "format/reader.h"
#include "format/writer.h"
#include "tests/support/format_aligned_bytes.h"
#include "tests/support/format_nog_editor.h"
#include "tests/support/format_random_model.h"
#include "tests/support/format_thaw.h"

namespace noggin::format {
namespace {

const std::vector<std::byte> kTokenizerBytes(77, std::byte{0x5A});

spec::ModelConfig random_config(test::Random& random) {
  spec::ModelConfig config;
  config.pooling = static_cast<spec::Pooling>(1 + random.below(3));
  config.vocabulary_size = static_cast<std::uint32_t>(4 + random.below(60));
  config.max_tokens = static_cast<std::uint32_t>(3 + random.below(20));
  config.encoder.width = static_cast<std::uint32_t>(1 + random.below(70));
  config.encoder.head_width = static_cast<std::uint32_t>(1 + random.below(17));
  config.classes = static_cast<std::uint32_t>(2 + random.below(40));
  if (config.pooling == spec::Pooling::kEveryToken) config.classes = 3 + config.classes / 2 * 2;
  for (std::size_t layers = 1 + random.below(4); layers > 0; --layers) {
    config.encoder.layers.push_back(
        {static_cast<std::uint32_t>(1 + random.below(4)), static_cast<std::uint32_t>(1 + random.below(99))});
  }
  return config;
}

void expect_int4_linear(const spec::LinearView& view, const FrozenTensor& tensor) {
  const FrozenTensor again = test::thaw(view);
  ASSERT_EQ(again.values, tensor.values);
  ASSERT_EQ(again.steps, tensor.steps);
  ASSERT_EQ(again.bias, tensor.bias);
  ASSERT_EQ(again.floats, tensor.floats);
}

void expect_linear(const spec::LinearView& view, const FrozenTensor& tensor) {
  if (view.group > 0) return expect_int4_linear(view, tensor);
  ASSERT_EQ(tensor.bias.size(), view.outputs);
  ASSERT_EQ(reinterpret_cast<std::uintptr_t>(view.panels) % 64, 0U);
  const std::size_t inputs_padded = spec::padded_inputs(view.inputs);
  for (std::size_t n = 0; n < view.outputs; ++n) {
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < view.inputs; ++k) {
      const std::int8_t expected = tensor.values[n * view.inputs + k];
      ASSERT_EQ(view.panels[spec::panel_offset(n, k, inputs_padded)], expected);
      sum += expected;
    }
    ASSERT_EQ(view.columns[n].bias, tensor.bias[n]);
    ASSERT_EQ(view.columns[n].scale, tensor.floats[n]);
    ASSERT_EQ(view.columns[n].bias_minus_offset, tensor.bias[n] - 128 * sum);
  }
}

void expect_embedding(const spec::EmbeddingView& view, const FrozenTensor& tensor) {
  std::vector<std::int8_t> values(tensor.values.size());
  for (std::size_t r = 0; r < view.rows; ++r) view.unpack_row(r, values.data() + r * view.columns);
  ASSERT_EQ(values, tensor.values);
  ASSERT_EQ(std::memcmp(view.scales, tensor.floats.data(), tensor.floats.size() * sizeof(float)), 0);
}

void expect_vector(const float* view, const FrozenTensor& tensor) {
  ASSERT_EQ(std::memcmp(view, tensor.floats.data(), tensor.floats.size() * sizeof(float)), 0);
}

void expect_layer(const LayerView& view, const FrozenModel& model, std::size_t layer) {
  const auto tensor = [&](const char* part) { return model.tensors.at(spec::layer_name(layer, part)); };
  expect_linear(view.qkv, tensor("attention.qkv"));
  expect_linear(view.attention_output, tensor("attention.output"));
  expect_linear(view.ffn_up, tensor("ffn.up"));
  expect_linear(view.ffn_down, tensor("ffn.down"));
  expect_vector(view.attention_norm.gamma, tensor("attention.norm.gamma"));
  expect_vector(view.attention_norm.beta, tensor("attention.norm.beta"));
  expect_vector(view.ffn_norm.gamma, tensor("ffn.norm.gamma"));
  expect_vector(view.ffn_norm.beta, tensor("ffn.norm.beta"));
  EXPECT_EQ(view.qkv.input_scale, tensor("attention.input").floats[0]);
  EXPECT_EQ(view.query_scale, tensor("attention.query").floats[0]);
  EXPECT_EQ(view.key_scale, tensor("attention.key").floats[0]);
  EXPECT_EQ(view.value_scale, tensor("attention.value").floats[0]);
  EXPECT_EQ(view.attention_output.input_scale, tensor("attention.context").floats[0]);
  EXPECT_EQ(view.ffn_up.input_scale, tensor("ffn.input").floats[0]);
  EXPECT_EQ(view.preactivation_scale, tensor("ffn.preactivation").floats[0]);
  EXPECT_EQ(view.ffn_down.input_scale, tensor("ffn.hidden").floats[0]);
}

void expect_golden(const std::vector<GoldenView>& views, const std::vector<GoldenVector>& golden) {
  ASSERT_EQ(views.size(), golden.size());
  for (std::size_t i = 0; i < golden.size(); ++i) {
    EXPECT_EQ(views[i].text, golden[i].text);
    EXPECT_TRUE(std::ranges::equal(views[i].token_ids, golden[i].token_ids));
    EXPECT_TRUE(std::ranges::equal(views[i].logits, golden[i].logits));
  }
}

void expect_same(const ModelView& view, const FrozenModel& model) {
  EXPECT_EQ(view.config, model.config);
  expect_embedding(view.word, model.tensors.at("embeddings.word"));
  expect_embedding(view.position, model.tensors.at("embeddings.position"));
  expect_vector(view.embedding_norm.gamma, model.tensors.at("embeddings.norm.gamma"));
  expect_vector(view.embedding_norm.beta, model.tensors.at("embeddings.norm.beta"));
  ASSERT_EQ(view.layers.size(), model.config.encoder.layers.size());
  for (std::size_t i = 0; i < view.layers.size(); ++i) expect_layer(view.layers[i], model, i);
  expect_linear(view.classifier, model.tensors.at("head.classifier"));
  EXPECT_EQ(view.classifier.input_scale, model.tensors.at("head.input").floats[0]);
  EXPECT_TRUE(std::ranges::equal(view.tokenizer, kTokenizerBytes));
  EXPECT_TRUE(std::ranges::equal(view.labels, model.task.labels));
  EXPECT_EQ(view.none_class, model.task.none_class);
  EXPECT_EQ(view.decision.kind, model.task.kind);
  EXPECT_EQ(view.decision.temperature, model.task.temperature);
  EXPECT_EQ(view.decision.abstain_below, model.task.abstain_below);
  EXPECT_TRUE(std::ranges::equal(view.decision.thresholds, model.task.thresholds));
  EXPECT_EQ(view.tags.type_of.size(), spec::traits_of(model.task.kind).per_token() ? model.config.classes : 0U);
  EXPECT_EQ(view.provenance, model.provenance);
  expect_golden(view.golden, model.golden);
}

TEST(RoundTrip, RandomModelsComeBackUnchanged) {
  test::Random random(7);
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const FrozenModel model = test::random_frozen_model(random_config(random), seed, seed % 5);
    Result<std::vector<std::byte>> bytes = serialize(model, kTokenizerBytes);
    ASSERT_TRUE(bytes) << bytes.error().message;
    const test::AlignedBytes file(*bytes);
    Result<ModelView> view = read_model(file.span());
    ASSERT_TRUE(view) << view.error().message;
    expect_same(*view, model);
  }
}

// What a file says of answers, and the layout version that it needs for it.
void expect_layout(const FrozenModel& model, std::uint32_t layout) {
  const Result<std::vector<std::byte>> bytes = serialize(model, kTokenizerBytes);
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(load_u32(&(*bytes)[kLayoutVersionOffset]), layout);
  const test::AlignedBytes file(*bytes);
  Result<ModelView> view = read_model(file.span());
  ASSERT_TRUE(view) << view.error().message;
  expect_same(*view, model);
  EXPECT_EQ(list_sections(file.span())->size(), layout == 1 ? 6U : 7U);
}

// Of many classes only the first golden vector keeps its logits.
FrozenModel model_of_classes(std::uint32_t classes) {
  spec::ModelConfig config = test::small_config();
  config.classes = classes;
  return test::random_frozen_model(config, 1);
}

TEST(RoundTrip, GoldenVectorsOfManyClassesAreHashes) {
  const FrozenModel model = model_of_classes(kMostGoldenClasses + 1);
  ASSERT_EQ(model.golden.size(), 3U);
  const Result<std::vector<std::byte>> bytes = serialize(model, kTokenizerBytes);
  ASSERT_TRUE(bytes) << bytes.error().message;
  const test::AlignedBytes file(*bytes);
  const Result<ModelView> view = read_model(file.span());
  ASSERT_TRUE(view) << view.error().message;
  ASSERT_EQ(view->golden.size(), 3U);
  expect_golden({view->golden[0]}, {model.golden[0]});
  for (std::size_t i = 1; i < 3; ++i) {
    const GoldenVector& golden = model.golden[i];
    EXPECT_EQ(view->golden[i].text, golden.text);
    EXPECT_TRUE(std::ranges::equal(view->golden[i].token_ids, golden.token_ids));
    EXPECT_TRUE(view->golden[i].logits.empty());
    EXPECT_EQ(view->golden[i].logits_hash, float_hash(golden.logits));
  }
  EXPECT_EQ(load_u32(&(*bytes)[kLayoutVersionOffset]), 1U) << "an optional section needs no newer layout";
  EXPECT_EQ(list_sections(file.span())->back().name, "golden hashes");
  EXPECT_FALSE(list_sections(file.span())->back().required);
}

TEST(RoundTrip, GoldenVectorsOfFewerClassesHaveNoHashes) {
  for (const bool few_vectors : {false, true}) {
    FrozenModel model = model_of_classes(kMostGoldenClasses + (few_vectors ? 1 : 0));
    if (few_vectors) model.golden.resize(1);
    const test::AlignedBytes file(*serialize(model, kTokenizerBytes));
    const Result<ModelView> view = read_model(file.span());
    ASSERT_TRUE(view) << view.error().message;
    expect_golden(view->golden, model.golden);
    EXPECT_EQ(list_sections(file.span())->size(), 6U);
  }
}

TEST(RoundTrip, ANarrowWordTableNeedsLayoutThree) {
  spec::ModelConfig config = test::small_config();
  config.encoder.embedding_width = 7;
  const FrozenModel model = test::random_frozen_model(config, 1);
  EXPECT_EQ(model.tensors.at("embeddings.word").values.size(), 37U * 7U);
  EXPECT_EQ(model.tensors.at("embeddings.projection").values.size(), 20U * 7U);
  expect_layout(model, 3);
}

TEST(RoundTrip, AModelWithoutLayersNeedsLayoutFour) {
  spec::ModelConfig config = test::small_config();
  config.encoder.layers.clear();
  const FrozenModel model = test::random_frozen_model(config, 1);
  expect_layout(model, kLayoutOfStaticModels);
  const std::vector<std::byte> bytes = *serialize(model, kTokenizerBytes);
  std::vector<test::EditedSection> sections = test::take_apart(bytes);
  std::vector<std::byte>& config_bytes = test::content_of(sections, SectionKind::kConfig);
  config_bytes.erase(config_bytes.begin() + 40, config_bytes.begin() + 44);  // word_type, which layout 3 does not have
  std::vector<std::byte> header(bytes.begin(), bytes.begin() + kHeaderBytes);
  store_u32(&header[kLayoutVersionOffset], kLayoutOfStaticModels - 1);
  const test::AlignedBytes older(test::put_together(header, sections));
  const Result<ModelView> view = read_model(older.span());
  ASSERT_FALSE(view);
  EXPECT_NE(view.error().message.find("a model without layers needs layout version 4"), std::string::npos);
}

TEST(RoundTrip, AWordTableOfFourBitsNeedsLayoutFourAndHalfTheBytes) {
  for (const std::uint32_t narrow : {0U, 7U}) {
    spec::ModelConfig config = test::small_config();
    config.encoder.embedding_width = narrow;
    const std::uint64_t int8_bytes = tensors_section_bytes(config);
    config.encoder.word_type = spec::WeightType::kInt4;
    expect_layout(test::random_frozen_model(config, 1), 4);
    const std::uint64_t columns = narrow == 0 ? 20 : 7, packed = (columns + 1) / 2;
    const auto aligned = [](std::uint64_t bytes) { return spec::round_up(bytes, spec::kTensorAlignment); };
    EXPECT_EQ(int8_bytes - tensors_section_bytes(config), aligned(37 * columns) - aligned(37 * packed));
  }
}

spec::ModelConfig int4_config() {
  spec::ModelConfig config = test::small_config();
  config.encoder.width = 64;
  config.encoder.head_width = 16;
  config.encoder.layers = {{2, 96, 64, 32, 32, 32}, {4, 19, 0, 64, 64, 0}};
  return config;
}

TEST(RoundTrip, LayersOfInt4NeedLayoutFour) {
  const FrozenModel model = test::random_frozen_model(int4_config(), 1);
  EXPECT_EQ(model.tensors.at("layers.0.attention.qkv").steps.size(), 96U * 1U);
  EXPECT_EQ(model.tensors.at("layers.0.ffn.up").steps.size(), 96U * 2U);
  EXPECT_TRUE(model.tensors.at("layers.1.attention.qkv").steps.empty());
  expect_layout(model, 4);
}

TEST(RoundTrip, ASubStepOutsideItsRangeOrMissingIsRefused) {
  const FrozenModel model = test::random_frozen_model(int4_config(), 1);
  FrozenModel changed = model;
  changed.tensors["layers.0.ffn.up"].steps[3] = 0;
  Result<std::vector<std::byte>> refused = serialize(changed, kTokenizerBytes);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("a sub-step is 0, must be 1 to 127"), std::string::npos);
  changed = model;
  changed.tensors["layers.0.ffn.up"].steps.pop_back();
  refused = serialize(changed, kTokenizerBytes);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("has 191 sub-steps, its shape needs 192"), std::string::npos);
}

TEST(RoundTrip, AnInt4WeightOutsideItsRangeIsRefused) {
  spec::ModelConfig config = test::small_config();
  config.encoder.word_type = spec::WeightType::kInt4;
  FrozenModel model = test::random_frozen_model(config, 1);
  for (const int value : {-8, 7}) {
    model.tensors["embeddings.word"].values[5] = static_cast<std::int8_t>(value);
    EXPECT_TRUE(serialize(model, kTokenizerBytes));
  }
  for (const int value : {-9, 8}) {
    model.tensors["embeddings.word"].values[5] = static_cast<std::int8_t>(value);
    const auto refused = serialize(model, kTokenizerBytes);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("int4 weights are -8 to 7"), std::string::npos) << refused.error().message;
  }
}

TEST(RoundTrip, EveryDecisionComesBackAndOnlyThePlainClassifierNeedsNoNewerLayout) {
  spec::ModelConfig config = test::small_config();
  const FrozenModel plain = test::random_frozen_model(config, 1);
  expect_layout(plain, 1);
  FrozenModel model = plain;
  model.task.temperature = 1.5F;
  expect_layout(model, 2);
  model = plain;
  model.task.abstain_below = 0.7F;
  expect_layout(model, 2);
  model = plain;
  model.task.kind = spec::TaskKind::kMultiLabel;
  model.task.none_class = -1;
  expect_layout(model, 2);
  model.task.thresholds = {0.0F, 0.5F, 1.0F};
  expect_layout(model, 2);
  config.classes = 1;
  expect_layout(test::random_frozen_model(config, 1), 2);  // a score
  config.pooling = spec::Pooling::kEveryToken;
  config.classes = 5;
  expect_layout(test::random_frozen_model(config, 1), 2);  // a tagger
}

TEST(RoundTrip, AnEditorKeepsAndDeletes) {
  spec::ModelConfig config = test::small_config();
  config.classes = 2;
  FrozenModel model = test::random_frozen_model(config, 1, 0);
  model.config.pooling = spec::Pooling::kEveryToken;
  model.task = {{"keep", "delete"}, -1, spec::TaskKind::kEdit};
  expect_layout(model, 2);
}

TEST(RoundTrip, SameModelGivesSameBytes) {
  const FrozenModel model = test::random_frozen_model(test::small_config(), 1);
  const FrozenModel again = test::random_frozen_model(test::small_config(), 1);
  EXPECT_EQ(*serialize(model, kTokenizerBytes), *serialize(again, kTokenizerBytes));
}

TEST(RoundTrip, ContentHashNamesTheModel) {
  const test::AlignedBytes one(*serialize(test::random_frozen_model(test::small_config(), 1), kTokenizerBytes));
  const test::AlignedBytes two(*serialize(test::random_frozen_model(test::small_config(), 2), kTokenizerBytes));
  EXPECT_NE(read_model(one.span())->content_hash, read_model(two.span())->content_hash);
}

TEST(RoundTrip, SectionsAreListedInFileOrder) {
  const test::AlignedBytes file(*serialize(test::random_frozen_model(test::small_config(), 1), kTokenizerBytes));
  const Result<std::vector<SectionInfo>> sections = list_sections(file.span());
  ASSERT_TRUE(sections) << sections.error().message;
  std::vector<std::string> names;
  for (const SectionInfo& section : *sections) names.push_back(section.name + (section.required ? "!" : "?"));
  const std::vector<std::string> expected = {"config!", "tokenizer!", "task!", "tensors!", "golden?", "provenance?"};
  EXPECT_EQ(names, expected);
  EXPECT_EQ(sections->at(1).size, kTokenizerBytes.size());
}

}  // namespace
}  // namespace noggin::format
