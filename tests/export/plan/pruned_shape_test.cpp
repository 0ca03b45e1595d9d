#include "export/plan/pruned_shape.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <vector>

#include "format/file_layout.h"

namespace noggin::exporter {
namespace {

spec::ModelConfig config_of(std::size_t layers, std::uint32_t heads, std::uint32_t head_width, std::uint32_t neurons) {
  spec::ModelConfig config;
  config.vocabulary_size = 100;
  config.max_tokens = 16;
  config.classes = 3;
  config.encoder.width = heads * head_width;
  config.encoder.head_width = head_width;
  config.encoder.layers.assign(layers, {heads, neurons});
  return config;
}

struct Totals {
  std::uint64_t heads = 0, neurons = 0;
};
Totals totals_of(const spec::ModelConfig& config) {
  Totals totals;
  for (const spec::LayerConfig& layer : config.encoder.layers) {
    totals.heads += layer.heads;
    totals.neurons += layer.ffn_width;
  }
  return totals;
}

// Every way in which training may spread what is left, one after the other.
void each_distribution(spec::ModelConfig& config, std::size_t layer, Totals left, const spec::ModelConfig& whole,
                       const std::function<void()>& visit) {
  if (layer == config.encoder.layers.size()) {
    if (left.heads == 0 && left.neurons == 0) visit();
    return;
  }
  const spec::LayerConfig& full = whole.encoder.layers[layer];
  const std::uint32_t step = std::max(full.ffn_down_group, 1U), least_neurons = std::min(full.ffn_width, 16U);
  const std::uint32_t together = full.attention_output_group == 0 ? 1 : full.attention_output_group / 16;
  for (std::uint32_t heads = together; heads <= std::min<std::uint64_t>(full.heads, left.heads); heads += together) {
    for (std::uint32_t neurons = std::max(step, least_neurons);
         neurons <= std::min<std::uint64_t>(full.ffn_width, left.neurons); neurons += step) {
      config.encoder.layers[layer].heads = heads;
      config.encoder.layers[layer].ffn_width = neurons;
      each_distribution(config, layer + 1, {left.heads - heads, left.neurons - neurons}, whole, visit);
    }
  }
}

TEST(PrunedShape, WordRowsAreAsWideAsThePhaseLeavesThem) {
  spec::ModelConfig whole = config_of(2, 4, 16, 128);
  whole.vocabulary_size = 1000;  // so that rows weigh more than the matrix that widens them
  const std::vector<Removal> removals = {{.heads_fraction = 0.5, .ffn_fraction = 0.5, .word_width = 32}};
  const ShapeRange range = pruned_shapes(whole, removals);
  EXPECT_EQ(range.smallest.encoder.embedding_width, 32U);
  EXPECT_EQ(range.largest.encoder.embedding_width, 32U);
  EXPECT_LT(format::tensors_section_bytes(range.largest),
            format::tensors_section_bytes(pruned_shapes(whole, std::vector<Removal>{{0.5, 0.5}}).smallest));
}

void expect_extremes(const spec::ModelConfig& whole, const Removal& removal) {
  const ShapeRange range = pruned_shapes(whole, std::vector<Removal>{removal});
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max(), most = 0;
  spec::ModelConfig config = whole;
  each_distribution(config, 0, {range.heads, range.neurons}, whole, [&] {
    least = std::min(least, format::tensors_section_bytes(config));
    most = std::max(most, format::tensors_section_bytes(config));
  });
  EXPECT_EQ(format::tensors_section_bytes(range.smallest), least);
  EXPECT_EQ(format::tensors_section_bytes(range.largest), most);
  for (const spec::ModelConfig* shape : {&range.smallest, &range.largest}) {
    EXPECT_TRUE(spec::validate(*shape));
    EXPECT_EQ(totals_of(*shape).heads, range.heads);
    EXPECT_EQ(totals_of(*shape).neurons, range.neurons);
  }
}

TEST(PrunedShape, IsThatOfTheSmallestAndTheLargestOfAllDistributions) {
  expect_extremes(config_of(2, 4, 8, 48), {0.25, 0.4});
  expect_extremes(config_of(3, 3, 5, 30), {0.4, 0.2});  // heads that are no multiple of a block either
  expect_extremes(config_of(2, 2, 16, 80), {0.5, 0.01});
  expect_extremes(config_of(1, 4, 8, 64), {0.5, 0.5});
  expect_extremes(config_of(2, 2, 16, 90), {0.0, 0.8});
}

spec::ModelConfig uneven(std::vector<spec::LayerConfig> layers) {
  spec::ModelConfig config = config_of(2, 4, 8, 48);
  config.encoder.layers = std::move(layers);
  return config;
}

// What a pruned student leaves when it is pruned again.
TEST(PrunedShape, LayersThatDifferToBeginWith) {
  expect_extremes(uneven({{4, 48}, {2, 30}}), {0.25, 0.4});
  expect_extremes(uneven({{1, 70}, {3, 10}, {2, 25}}), {0.3, 0.3});  // one with fewer neurons than a layer has to keep
  const ShapeRange range = pruned_shapes(uneven({{1, 27}, {2, 37}}), {});
  EXPECT_TRUE(range.exact());
  EXPECT_EQ(range.largest, uneven({{1, 27}, {2, 37}}));
  EXPECT_EQ(range.heads, 3U);
  EXPECT_EQ(range.neurons, 64U);
}

TEST(PrunedShape, PaddingMakesARangeOfManyLayers) {
  const std::vector<Removal> removals = {{0.25, 0.3}};
  const ShapeRange several = pruned_shapes(config_of(6, 12, 32, 1536), removals);
  EXPECT_FALSE(several.exact());
  EXPECT_LT(format::tensors_section_bytes(several.smallest), format::tensors_section_bytes(several.largest));
  EXPECT_EQ(several.heads, 54U);
  EXPECT_EQ(several.neurons, 9216U - 2765U);  // 2764.8, rounded
  EXPECT_TRUE(pruned_shapes(config_of(1, 12, 32, 1536), removals).exact());
}

TEST(PrunedShape, KeepsWholeGroupsOfFourBitWeights) {
  spec::ModelConfig config = config_of(3, 4, 16, 256);
  for (spec::LayerConfig& layer : config.encoder.layers)
    layer.qkv_group = layer.attention_output_group = layer.ffn_up_group = layer.ffn_down_group = 32;
  for (const double fraction : {0.0, 0.3, 0.5, 0.9}) {
    expect_extremes(config, {fraction, fraction});
    const ShapeRange range = pruned_shapes(config, std::vector<Removal>{{fraction, fraction}});
    for (const spec::ModelConfig* shape : {&range.smallest, &range.largest}) {
      for (const spec::LayerConfig& layer : shape->encoder.layers) {
        EXPECT_EQ(layer.heads % 2, 0U);
        EXPECT_EQ(layer.ffn_width % 32, 0U);
      }
    }
  }
}

TEST(PrunedShape, LeavesWholeWhatNothingPrunes) {
  const spec::ModelConfig whole = config_of(2, 4, 8, 50);
  const ShapeRange range = pruned_shapes(whole, {});
  EXPECT_TRUE(range.exact());
  EXPECT_EQ(range.largest, whole);
}

TEST(PrunedShape, KeepsAHeadAndABlockOfNeuronsInEveryLayer) {
  const ShapeRange range = pruned_shapes(config_of(2, 2, 16, 40), std::vector<Removal>{{0.95, 0.99}});
  EXPECT_EQ(range.heads, 2U);
  EXPECT_EQ(range.neurons, 32U);
}

TEST(PrunedShape, ASecondPhaseRemovesAFractionOfWhatTheFirstLeft) {
  const std::vector<Removal> removals = {{0.0, 0.5}, {0.0, 0.5}};
  EXPECT_EQ(pruned_shapes(config_of(2, 2, 16, 100), removals).neurons, 50U);
}

}  // namespace
}  // namespace noggin::exporter
