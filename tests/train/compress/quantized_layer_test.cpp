// The two halves of a layer, each as one step of QAT, against their steps taken apart and against the runtime's
// kernels.
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/kernel_set.h"
#include "kernels/pack.h"
#include "spec/formulas.h"
#include "spec/quant.h"
#include "tests/support/train_students.h"
#include "train/compress/quantize_student.h"
#include "train/compress/quantized_arithmetic.h"
#include "train/model/fused_steps.h"

namespace noggin::train {
namespace {

using test::largest_difference;
using test::Random;
using test::random_tensor;

constexpr std::int64_t kWidth = 33, kHeads = 3, kHeadWidth = 32, kHidden = 70;  // neither D nor F fills whole vectors

// Scales so small that every grid clips some of its values.
EncoderLayer random_layer() {
  Random random(7);
  const auto linear = [&](std::int64_t outputs, std::int64_t inputs, float scale) {
    return Linear{random_tensor({outputs, inputs}, random, -0.25F, 0.25F),
                  random_tensor({outputs}, random, -0.5F, 0.5F),
                  torch::full({1}, scale),
                  0,
                  {}};
  };
  EncoderLayer layer;
  layer.qkv = linear(3 * kHeads * kHeadWidth, kWidth, 0.014F);
  layer.attention_output = linear(kWidth, kHeads * kHeadWidth, 0.004F);
  layer.ffn_up = linear(kHidden, kWidth, 0.014F);
  layer.ffn_down = linear(kWidth, kHidden, 0.006F);
  layer.query_scale = torch::full({1}, 0.009F);
  layer.key_scale = torch::full({1}, 0.010F);
  layer.value_scale = torch::full({1}, 0.011F);
  layer.preactivation_scale = torch::full({1}, 0.012F);
  layer.head_mask = torch::ones({kHeads});
  layer.ffn_mask = torch::ones({kHidden});
  return layer;
}
std::vector<Tensor*> attention_parts(EncoderLayer& layer) {
  return {&layer.qkv.weight,
          &layer.qkv.bias,
          &layer.qkv.input_scale,
          &layer.attention_output.weight,
          &layer.attention_output.bias,
          &layer.attention_output.input_scale,
          &layer.query_scale,
          &layer.key_scale,
          &layer.value_scale};
}
std::vector<Tensor*> feed_forward_parts(EncoderLayer& layer) {
  return {&layer.ffn_up.weight, &layer.ffn_up.bias,          &layer.ffn_up.input_scale, &layer.ffn_down.weight,
          &layer.ffn_down.bias, &layer.ffn_down.input_scale, &layer.preactivation_scale};
}

struct Result {
  Tensor y;
  std::vector<Tensor> gradients;  // of x, then of the parts
};
template <typename Half>
Result run(const Tensor& rows, const Tensor& weights, std::vector<Tensor*> (*parts_of)(EncoderLayer&),
           const Half& half) {
  EncoderLayer layer = random_layer();
  const Tensor x = rows.detach().clone().requires_grad_(true);
  for (Tensor* part : parts_of(layer)) part->requires_grad_(true);
  const Tensor y = half(x, layer);
  y.backward(weights);
  Result result{y.detach(), {x.grad()}};
  for (Tensor* part : parts_of(layer)) result.gradients.push_back(part->grad());
  return result;
}
void expect_same_gradients(const Result& got, const Result& expected, double tolerance) {
  ASSERT_EQ(got.gradients.size(), expected.gradients.size());
  for (std::size_t i = 0; i < got.gradients.size(); ++i) {
    const double size = expected.gradients[i].abs().max().item<double>();
    EXPECT_GT(size, 0.0) << "part " << i;
    // The gradient of a step is one sum over all values, in which much cancels.
    const double allowed = (expected.gradients[i].numel() == 1 ? 5.0 : 1.0) * tolerance * size;
    EXPECT_LT(largest_difference(got.gradients[i], expected.gradients[i]), allowed) << "part " << i;
  }
}

// --- feed-forward ----------------------------------------------------------------------------------------------------

struct Rows {
  Tensor x, weights;
};
Rows random_rows(std::int64_t count) {
  Random random(8);
  return {random_tensor({count, kWidth}, random, -2.2F, 2.2F), random_tensor({count, kWidth}, random, -1.0F, 1.0F)};
}
Result feed_forward(bool fused, bool rounded_gradients) {
  const Rows rows = random_rows(150);  // two tasks and a bit
  return run(rows.x, rows.weights, feed_forward_parts, [&](const Tensor& x, const EncoderLayer& layer) {
    QuantizedArithmetic arithmetic(rounded_gradients);
    return fused ? arithmetic.feed_forward(x, layer, layer.ffn_down)
                 : arithmetic.Arithmetic::feed_forward(x, layer, layer.ffn_down);
  });
}

TEST(QuantizedFeedForward, IsTheRuntimesToTheBit) {
  const Tensor x = random_rows(150).x;
  const EncoderLayer layer = random_layer();
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  const auto packed = [](const Linear& linear) {
    const format::FrozenTensor frozen = quantize_linear(linear.weight, linear.bias, linear.input_scale.item<float>());
    return runtime::pack_linear(frozen.values.data(), frozen.bias.data(), frozen.floats.data(),
                                static_cast<std::uint32_t>(linear.weight.size(0)),
                                static_cast<std::uint32_t>(linear.weight.size(1)));
  };
  const runtime::PackedLinear up = packed(layer.ffn_up), down = packed(layer.ffn_down);
  const float scale = layer.preactivation_scale.item<float>();
  const std::vector<float> inverse(spec::padded_outputs(kHidden), 1.0F / scale);
  std::vector<std::int8_t> table(spec::kGeluTableSize);
  spec::fill_gelu_table(scale, layer.ffn_down.input_scale.item<float>(), table.data());
  const Tensor y = QuantizedArithmetic().feed_forward(x, layer, layer.ffn_down);
  for (std::int64_t row = 0; row < x.size(0); ++row) {
    alignas(64) std::int8_t input[128] = {}, hidden[128] = {};
    alignas(64) float out[64];
    kernels.quantize(x.const_data_ptr<float>() + row * kWidth, kWidth, 1.0F / layer.ffn_up.input_scale.item<float>(),
                     input);
    kernels.linear_quantized(up.view(), input, sizeof input, 1, inverse.data(), table.data(), hidden, sizeof hidden);
    kernels.linear(down.view(), hidden, sizeof hidden, 1, out);
    for (std::int64_t d = 0; d < kWidth; ++d) ASSERT_EQ(y[row][d].item<float>(), out[d]) << row << " " << d;
  }
}

TEST(QuantizedFeedForward, GradientsAreThoseOfItsStepsTakenApart) {
  const Result fused = feed_forward(true, false), apart = feed_forward(false, false);
  // A value that lies between two steps is rounded otherwise by another GELU.
  EXPECT_LT(((fused.y - apart.y).abs() > 1e-5).sum().item<double>(), 0.02 * static_cast<double>(fused.y.numel()));
  expect_same_gradients(fused, apart, 2e-3);
}

TEST(QuantizedFeedForward, RoundedGradientsAreThoseOfFloatToEightBitsAndTheForwardPassIsTheSame) {
  const Result rounded = feed_forward(true, true), plain = feed_forward(true, false);
  EXPECT_TRUE(torch::equal(rounded.y, plain.y));
  expect_same_gradients(rounded, plain, 0.02);
  EXPECT_FALSE(torch::equal(rounded.gradients[1], plain.gradients[1])) << "nothing was rounded";
}

// --- attention -------------------------------------------------------------------------------------------------------

const std::vector<std::vector<std::uint32_t>> kTexts = {
    {1, 2, 3}, {4}, std::vector<std::uint32_t>(37, 5), std::vector<std::uint32_t>(40, 6), {7, 8}};
Result attention(bool fused, bool rounded_gradients) {
  const PackedBatch batch = test::packed(kTexts);
  const Rows rows = random_rows(batch.starts.back());
  return run(rows.x, rows.weights, attention_parts, [&](const Tensor& x, const EncoderLayer& layer) {
    QuantizedArithmetic arithmetic(rounded_gradients);
    EXPECT_TRUE(can_attend(x, kHeadWidth, batch));
    Tensor qkv;
    return arithmetic.self_attention(x, layer, layer.attention_output, kHeadWidth, batch, fused ? nullptr : &qkv);
  });
}

TEST(QuantizedAttention, IsItsStepsTakenApartAndSoAreItsGradients) {
  const Result fused = attention(true, false);
  Result apart = attention(false, false);
  EXPECT_LT(((fused.y - apart.y).abs() > 1e-5).sum().item<double>(), 0.02 * static_cast<double>(fused.y.numel()));
  // LSQ divides by the root of how many values there are: padding counts where the steps are taken apart.
  const PackedBatch batch = test::packed(kTexts);
  const double ratio =
      std::sqrt(static_cast<double>(batch.texts * batch.longest) / static_cast<double>(batch.starts.back()));
  for (const std::size_t part : {7, 8, 9}) apart.gradients[part] *= ratio;
  expect_same_gradients(fused, apart, 2e-3);
}

TEST(QuantizedAttention, EveryGridClips) {
  const EncoderLayer layer = random_layer();
  const Tensor x = random_rows(83).x;
  const Tensor qkv = quantized_linear(x, layer.qkv.weight, layer.qkv.bias, layer.qkv.input_scale);
  const std::vector<Tensor> parts = qkv.chunk(3, 1), scales = {layer.query_scale, layer.key_scale, layer.value_scale};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GT(((parts[i] / scales[i]).abs() > 128).sum().item<int>(), 100) << i;
  }
  EXPECT_GT(((x / layer.qkv.input_scale).abs() > 128).sum().item<int>(), 100);
}

TEST(QuantizedAttention, RoundedGradientsAreThoseOfFloatToEightBitsAndTheForwardPassIsTheSame) {
  const Result rounded = attention(true, true), plain = attention(true, false);
  EXPECT_TRUE(torch::equal(rounded.y, plain.y));
  expect_same_gradients(rounded, plain, 0.03);
  EXPECT_FALSE(torch::equal(rounded.gradients[1], plain.gradients[1])) << "nothing was rounded";
}

// Rows that belong to no text (forward.cpp) neither see nor move anything.
TEST(QuantizedAttention, RowsBehindTheLastTextHaveNoPart) {
  const PackedBatch batch = test::packed(kTexts);
  const std::int64_t count = batch.starts.back();
  const Rows rows = random_rows(count);
  const auto behind = [&](const Tensor& real, double rest) {
    return torch::cat({real, torch::full({45, kWidth}, rest)});
  };
  const auto half = [&](const Tensor& x, const EncoderLayer& layer) {
    return QuantizedArithmetic().self_attention(x, layer, layer.attention_output, kHeadWidth, batch, nullptr);
  };
  const Result plain = run(rows.x, rows.weights, attention_parts, half);
  const Result padded = run(behind(rows.x, 0.7), behind(rows.weights, 0.0), attention_parts, half);
  EXPECT_TRUE(torch::equal(padded.y.narrow(0, 0, count), plain.y));
  EXPECT_TRUE(torch::equal(padded.gradients[0].narrow(0, 0, count), plain.gradients[0]));
  EXPECT_EQ(padded.gradients[0].narrow(0, count, 45).abs().max().item<float>(), 0.0F);
  EXPECT_LT(largest_difference(padded.gradients[1], plain.gradients[1]), 1e-4);
}

}  // namespace
}  // namespace noggin::train
