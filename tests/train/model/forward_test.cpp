#include "train/model/forward.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/train_students.h"

namespace noggin::train {
namespace {

using test::largest_difference;
using test::packed;
using test::Texts;

Tensor float_forward(const Student& student, const Texts& texts) {
  torch::NoGradGuard no_grad;
  FloatArithmetic arithmetic;
  return forward(student, packed(texts), arithmetic);
}

// --- the same function again: float64, padded, one head at a time, from basic operators only -------------------------

Tensor norm(const Tensor& x, const Norm& parameters, double epsilon) {
  const Tensor centred = x - x.mean(-1, true);
  const Tensor variance = (centred * centred).mean(-1, true);
  return centred / (variance + epsilon).sqrt() * parameters.gamma.to(torch::kFloat64) +
         parameters.beta.to(torch::kFloat64);
}

Tensor product(const Tensor& x, const Linear& layer) {
  return x.matmul(layer.weight.to(torch::kFloat64).t()) + layer.bias.to(torch::kFloat64);
}

Tensor plain_attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t W,
                       const Tensor& real) {  // real [B, T]
  const std::int64_t H = layer.head_mask.size(0);
  std::vector<Tensor> heads;
  for (std::int64_t h = 0; h < H; ++h) {
    const Tensor q = qkv.narrow(2, h * W, W), k = qkv.narrow(2, (H + h) * W, W), v = qkv.narrow(2, (2 * H + h) * W, W);
    const Tensor scores =
        q.matmul(k.transpose(1, 2)) / std::sqrt(static_cast<double>(W)) + (real.unsqueeze(1) - 1.0) * 1e9;  // [B, T, T]
    const Tensor exponent = (scores - scores.amax(2, true)).exp();
    heads.push_back((exponent / exponent.sum(2, true)).matmul(v) * layer.head_mask[h].to(torch::kFloat64));
  }
  return torch::cat(heads, 2);
}

Tensor plain_forward(const Student& student, const Texts& texts) {
  torch::NoGradGuard no_grad;
  const spec::ModelConfig& config = student.config;
  const auto B = static_cast<std::int64_t>(texts.size());
  constexpr std::int64_t kExtraPadding = 3;
  std::int64_t T = 0;
  for (const auto& text : texts) T = std::max(T, static_cast<std::int64_t>(text.size()) + kExtraPadding);
  Tensor x = torch::zeros({B, T, config.encoder.width}, torch::kFloat64), real = torch::zeros({B, T}, torch::kFloat64);
  for (std::int64_t b = 0; b < B; ++b) {
    const auto& text = texts[static_cast<std::size_t>(b)];
    for (std::size_t t = 0; t < text.size(); ++t) {
      const auto position = static_cast<std::int64_t>(t);
      Tensor word = student.word[text[t]].to(torch::kFloat64);
      if (config.encoder.embedding_width > 0) word = student.word_projection.to(torch::kFloat64).matmul(word);
      x[b][position] = word + student.position[position].to(torch::kFloat64);
      real[b][position] = 1.0;
    }
  }
  x = norm(x, student.embedding_norm, config.encoder.layer_norm_epsilon);
  for (const EncoderLayer& layer : student.layers) {
    const Tensor context = plain_attention(product(x, layer.qkv), layer, config.encoder.head_width, real);
    x = norm(product(context, layer.attention_output) + x, layer.attention_norm, config.encoder.layer_norm_epsilon);
    const Tensor pre = product(x, layer.ffn_up);
    const Tensor hidden = 0.5 * pre * (1.0 + (pre / std::sqrt(2.0)).erf()) * layer.ffn_mask.to(torch::kFloat64);
    x = norm(product(hidden, layer.ffn_down) + x, layer.ffn_norm, config.encoder.layer_norm_epsilon);
  }
  const Tensor pooled = config.pooling == spec::Pooling::kFirstToken
                            ? x.select(1, 0)
                            : (x * real.unsqueeze(2)).sum(1) / real.sum(1, true);
  return product(pooled, student.classifier);
}

spec::ModelConfig random_config(test::Random& random, spec::Pooling pooling) {
  spec::ModelConfig config = test::student_config(pooling);
  config.encoder.width = static_cast<std::uint32_t>(3 + random.below(40));
  config.encoder.embedding_width =
      static_cast<std::uint32_t>(random.below(3) == 0 ? 1 + random.below(config.encoder.width - 1) : 0);
  config.encoder.head_width = static_cast<std::uint32_t>(1 + random.below(9));
  config.classes = static_cast<std::uint32_t>(2 + random.below(20));
  config.encoder.layers.assign(1 + random.below(3), {});
  for (spec::LayerConfig& layer : config.encoder.layers) {
    layer = {static_cast<std::uint32_t>(1 + random.below(4)), static_cast<std::uint32_t>(1 + random.below(50))};
  }
  return config;
}

class WithPooling : public testing::TestWithParam<spec::Pooling> {};
INSTANTIATE_TEST_SUITE_P(Forward, WithPooling, testing::Values(spec::Pooling::kMean, spec::Pooling::kFirstToken));

TEST_P(WithPooling, AgreesWithAPlainPaddedForwardForRandomSizes) {
  test::Random random(5);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Student student = test::random_student(random_config(random, GetParam()), seed);
    student.layers[0].head_mask[0] = seed % 2 == 0 ? 0.0F : 1.0F;
    student.layers[0].ffn_mask[0] = 0.0F;
    const Texts texts = test::random_texts(student.config, 1 + seed, seed);
    const Tensor expected = plain_forward(student, texts);
    // Float32 sums of up to 50 terms through at most three layers: 1e-4 is some twenty times what is seen.
    EXPECT_LT(largest_difference(float_forward(student, texts), expected), 1e-4) << "seed " << seed;
    EXPECT_GT(expected.std().item<double>(), 1e-2) << "logits that do not vary prove nothing";
  }
}

TEST_P(WithPooling, ABatchOfTextsGivesWhatEachTextGivesAlone) {
  const Student student = test::random_student(test::student_config(GetParam()), 2);
  const Texts texts = test::random_texts(student.config, 9, 3);
  const Tensor together = float_forward(student, texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Tensor alone = float_forward(student, {texts[i]});
    EXPECT_LT(largest_difference(together[static_cast<std::int64_t>(i)], alone[0]), 1e-5) << "text " << i;
  }
}

// Padding slots point at row 0 of the batch: what lies there must not reach another text.
TEST_P(WithPooling, WhatPaddingPointsAtDoesNotMatter) {
  const Student student = test::random_student(test::student_config(GetParam()), 2);
  const Tensor one = float_forward(student, {{1, 2, 3, 4, 5, 6}, {7, 8}});
  const Tensor other = float_forward(student, {{66, 55, 44, 33, 22, 11}, {7, 8}});
  EXPECT_TRUE(torch::equal(one[1], other[1]));
  EXPECT_FALSE(torch::equal(one[0], other[0]));
}

TEST_P(WithPooling, NoGradientFlowsThroughPadding) {
  Student student = test::random_student(test::student_config(GetParam()), 2);
  student.word.requires_grad_(true);
  FloatArithmetic arithmetic;
  forward(student, packed({{1, 2, 3, 4, 5, 6}, {7, 8}}), arithmetic)[1].square().sum().backward();
  const Tensor gradient = student.word.grad();
  EXPECT_EQ(gradient.narrow(0, 1, 6).abs().max().item<float>(), 0.0F);
  EXPECT_GT(gradient.narrow(0, 7, 2).abs().max().item<float>(), 0.0F);
}

TEST(Forward, DropoutChangesTheLogitsAndFollowsTheSeed) {
  const Student student = test::random_student(test::student_config(), 2);
  FloatArithmetic arithmetic;
  const PackedBatch batch = packed(test::random_texts(student.config, 4, 1));
  const auto dropped = [&](std::uint64_t seed) {
    torch::manual_seed(seed);
    return forward(student, batch, arithmetic, 0.3);
  };
  EXPECT_TRUE(torch::equal(dropped(1), dropped(1)));
  EXPECT_FALSE(torch::equal(dropped(1), dropped(2)));
  EXPECT_FALSE(torch::equal(dropped(1), forward(student, batch, arithmetic)));
}

TEST(PackedBatch, GoesToPaddedAndBack) {
  const PackedBatch batch = packed({{5, 6, 7}, {8}, {9, 10}});
  EXPECT_EQ(batch.texts, 3);
  EXPECT_EQ(batch.longest, 3);
  const Tensor rows = torch::arange(12.0).view({6, 2});
  const Tensor padded = to_padded(rows, batch);
  EXPECT_TRUE(torch::equal(padded[1][0], rows[3]));
  EXPECT_TRUE(torch::equal(padded[2][1], rows[5]));
  EXPECT_TRUE(torch::equal(from_padded(padded, batch), rows));
  EXPECT_TRUE(torch::equal(batch.positions, torch::tensor({0, 1, 2, 0, 0, 1}, torch::kInt64)));
  EXPECT_TRUE(torch::equal(batch.real.sum(1, true), batch.lengths));
}

}  // namespace
}  // namespace noggin::train
