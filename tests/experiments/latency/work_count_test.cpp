// The floor's numerator against a count by walking through the forward pass.
#include "experiments/latency/work_count.h"

#include <gtest/gtest.h>

#include "experiments/latency/bench_models.h"

namespace noggin::latency {
namespace {

spec::ModelConfig tiny() {
  spec::ModelConfig config;
  config.encoder.width = 6;
  config.encoder.head_width = 3;
  config.classes = 5;
  config.encoder.layers = {{2, 7}, {1, 4}};
  return config;
}

double counted_products(const spec::ModelConfig& config, std::size_t T) {
  double products = 0.0;
  const auto linear = [&](std::size_t rows, std::size_t inputs, std::size_t outputs) {
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t n = 0; n < outputs; ++n) products += static_cast<double>(inputs);
    }
  };
  const std::size_t D = config.encoder.width, W = config.encoder.head_width;
  if (config.encoder.embedding_width > 0) linear(T, config.encoder.embedding_width, D);
  for (const spec::LayerConfig& layer : config.encoder.layers) {
    linear(T, D, 3 * layer.heads * W);
    for (std::size_t head = 0; head < layer.heads; ++head) {
      linear(T, W, T);  // queries and keys
      linear(T, T, W);  // exponents and values
    }
    linear(T, layer.heads * W, D);
    linear(T, D, layer.ffn_width);
    linear(T, layer.ffn_width, D);
  }
  linear(1, D, config.classes);
  return products;
}

TEST(WorkCount, ProductsAreThoseOfTheForwardPass) {
  for (const std::size_t tokens : {1, 4, 9}) {
    EXPECT_EQ(work_of(tiny(), tokens).products, counted_products(tiny(), tokens)) << tokens;
  }
  spec::ModelConfig narrow = tiny();
  narrow.encoder.embedding_width = 4;
  EXPECT_EQ(work_of(narrow, 9).products, counted_products(narrow, 9));
  EXPECT_EQ(work_of(large_model().config, 32).products, counted_products(large_model().config, 32));
}

TEST(WorkCount, WeightsAreReadOnce) {
  const spec::ModelConfig config = tiny();
  const double expected = (6 * 18 + 6 * 6 + 2 * 6 * 7) + (6 * 9 + 3 * 6 + 2 * 6 * 4) + 6 * 5;
  EXPECT_EQ(work_of(config, 1).weight_bytes, expected);
  EXPECT_EQ(work_of(config, 9).weight_bytes, expected);
}

// One token, one layer of one head, every width 1: each rule of NUMERICS.md appears once, and can be added up by hand.
TEST(WorkCount, FloatsOfTheSmallestModel) {
  spec::ModelConfig config;
  config.encoder.width = config.encoder.head_width = config.classes = 1;
  config.encoder.layers = {{1, 1}};
  const double embedding = 5, norm = 7, residual = 1, quantize = 4, real = 2, score = 2 + 2 + 20 + 3, pooling = 1;
  const double expected = embedding + norm + quantize          // -> attention.input
                          + 3 * (real + quantize) + score      // -> exponents
                          + (real + quantize)                  // context
                          + real + residual + norm + quantize  // attention.output -> ffn.input
                          + (real + quantize)                  // pre-activation; GELU is a table
                          + real + residual + norm             // ffn.down -> ffn.norm
                          + pooling + quantize + real;
  const WorkCount work = work_of(config, 1);
  EXPECT_EQ(work.float_operations, expected);
  EXPECT_EQ(work.divisions, 3 * 4 + 1 + 1);  // three norms, one row of attention, the mean
}

}  // namespace
}  // namespace noggin::latency
