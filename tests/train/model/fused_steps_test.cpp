// The fused steps, forward and backward, against the same written with LibTorch's operators in float64.
#include "train/model/fused_steps.h"

#include <gtest/gtest.h>

#include <cmath>

#include "spec/quant.h"
#include "tests/support/train_students.h"
#include "train/model/forward.h"

namespace noggin::train {
namespace {

using test::largest_difference;
using test::packed;
using test::Random;
using test::random_tensor;

Tensor leaf(const Tensor& x, torch::ScalarType type = torch::kFloat32) {
  return x.detach().to(type).clone().requires_grad_(true);
}

class WithType : public testing::TestWithParam<torch::ScalarType> {
 protected:
  // What is seen is a quarter of these: bfloat16 keeps 8 bits, and results are of size 1 to 4.
  double tolerance() const { return GetParam() == torch::kFloat32 ? 2e-5 : 4e-2; }
};
INSTANTIATE_TEST_SUITE_P(FusedSteps, WithType, testing::Values(torch::kFloat32, torch::kBFloat16));

TEST_P(WithType, AddNormIsLayerNormOfTheSum) {
  Random random(1);
  constexpr std::int64_t kRows = 131, kWidth = 48;  // two tasks and a bit
  const Tensor x = leaf(random_tensor({kRows, kWidth}, random, -2.0F, 2.0F), GetParam());
  const Tensor residual = leaf(random_tensor({kRows, kWidth}, random, -2.0F, 2.0F));
  const Norm norm{leaf(random_tensor({kWidth}, random, 0.5F, 1.5F)),
                  leaf(random_tensor({kWidth}, random, -1.0F, 1.0F))};
  NormOptions options;
  options.epsilon = 1e-6;
  options.rounded_input = GetParam() == torch::kBFloat16;
  const Streams streams = add_norm(x, residual, norm, options);
  const Tensor weights = random_tensor({kRows, kWidth}, random, -1.0F, 1.0F);
  (streams.residual * weights + streams.input.to(torch::kFloat32) * weights).sum().backward();

  const Tensor x64 = leaf(x, torch::kFloat64), residual64 = leaf(residual, torch::kFloat64);
  const Tensor gamma64 = leaf(norm.gamma, torch::kFloat64), beta64 = leaf(norm.beta, torch::kFloat64);
  const Tensor expected = torch::layer_norm(x64 + residual64, {kWidth}, gamma64, beta64, 1e-6);
  (expected * weights.to(torch::kFloat64) * 2.0).sum().backward();
  EXPECT_LT(largest_difference(streams.residual, expected), 2e-5);
  EXPECT_LT(largest_difference(streams.input, expected), tolerance());
  EXPECT_LT(largest_difference(x.grad(), x64.grad()), tolerance());
  EXPECT_LT(largest_difference(residual.grad(), residual64.grad()), tolerance());
  EXPECT_LT(largest_difference(norm.gamma.grad(), gamma64.grad()), kRows * tolerance() / 10);
  EXPECT_LT(largest_difference(norm.beta.grad(), beta64.grad()), kRows * tolerance() / 10);
}

TEST_P(WithType, GeluAndItsGradient) {
  const Tensor x = leaf(torch::linspace(-12.0, 12.0, 2401), GetParam());
  const Tensor y = fused_gelu(x);
  y.backward(torch::ones_like(y));
  const Tensor x64 = leaf(x, torch::kFloat64), expected = torch::gelu(x64);
  expected.backward(torch::ones_like(expected));
  EXPECT_LT(largest_difference(y, expected), GetParam() == torch::kFloat32 ? 2e-6 : 4e-2);
  EXPECT_LT(largest_difference(x.grad(), x64.grad()), GetParam() == torch::kFloat32 ? 2e-6 : 8e-3);
}

TEST_P(WithType, AttentionOfEveryTextOverItsOwnTokens) {
  Random random(2);
  constexpr std::int64_t kHeads = 3, kWidth = 32;
  const PackedBatch batch =
      packed({{1, 2, 3}, {4}, std::vector<std::uint32_t>(37, 5), std::vector<std::uint32_t>(16, 6)});
  const std::int64_t rows = batch.starts.back() + 7;  // some behind the last text
  const Tensor qkv = leaf(random_tensor({rows, 3 * kHeads * kWidth}, random, -1.5F, 1.5F), GetParam());
  ASSERT_TRUE(can_attend(qkv, kWidth, batch));
  const Tensor context = attend(qkv, kWidth, batch);
  const Tensor weights = random_tensor(context.sizes(), random, -1.0F, 1.0F).to(GetParam());
  context.backward(weights);

  const Tensor qkv64 = leaf(qkv, torch::kFloat64);
  std::vector<Tensor> texts;
  for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
    const std::int64_t begin = batch.starts[b], count = batch.starts[b + 1] - begin;
    const Tensor heads = qkv64.narrow(0, begin, count).view({count, 3, kHeads, kWidth}).permute({1, 2, 0, 3});
    const Tensor p = torch::softmax(heads[0].matmul(heads[1].transpose(1, 2)) / std::sqrt(double{kWidth}), 2);
    texts.push_back(p.matmul(heads[2]).transpose(0, 1).reshape({count, kHeads * kWidth}));
  }
  texts.push_back(torch::zeros({7, kHeads * kWidth}, torch::kFloat64));
  const Tensor expected = torch::cat(texts);
  expected.backward(weights.to(torch::kFloat64));
  EXPECT_LT(largest_difference(context, expected), tolerance());
  EXPECT_LT(largest_difference(qkv.grad(), qkv64.grad()), tolerance());
}

TEST(FusedSteps, DropoutDropsItsShareAndKeepsTheMean) {
  torch::manual_seed(5);
  constexpr std::int64_t kRows = 4096, kWidth = 64;
  const Norm norm{torch::ones({kWidth}), torch::zeros({kWidth})};
  NormOptions options;
  options.drop_output = 0.25;
  const Tensor x = torch::randn({kRows, kWidth}).requires_grad_(true);
  const Tensor y = add_norm(x, {}, norm, options).residual;
  const Tensor whole = add_norm(x, {}, norm, {}).residual.detach();
  const Tensor kept = y.detach() != 0;
  // 262,144 draws: a deviation of 8.5e-4, so five of them.
  EXPECT_NEAR(kept.to(torch::kFloat64).mean().item<double>(), 0.75, 4.3e-3);
  EXPECT_LT(largest_difference(y.masked_select(kept), whole.masked_select(kept) / 0.75), 1e-5);
  // No two rows and no two columns drop alike.
  EXPECT_LT(kept.to(torch::kFloat64).mean(0).std().item<double>(), 0.02);
  EXPECT_NEAR((kept.slice(0, 0, kRows - 1) == kept.slice(0, 1, kRows)).to(torch::kFloat64).mean().item<double>(), 0.625,
              5e-3);
  EXPECT_NEAR((kept.slice(1, 0, 48) == kept.slice(1, 16, 64)).to(torch::kFloat64).mean().item<double>(), 0.625, 5e-3);
}

TEST(FusedSteps, TheGradientDropsWhatTheForwardDropped) {
  torch::manual_seed(6);
  const Norm norm{torch::ones({32}), torch::zeros({32})};
  NormOptions options;
  options.drop_input = 0.5;
  const Tensor x = torch::ones({40, 32}).requires_grad_(true), residual = torch::randn({40, 32}).requires_grad_(true);
  add_norm(x, residual, norm, options).residual.square().mul(torch::randn({40, 32})).sum().backward();
  const Tensor dropped = x.grad() == 0;
  EXPECT_NEAR(dropped.to(torch::kFloat64).mean().item<double>(), 0.5, 0.07);
  EXPECT_LT(largest_difference(x.grad(), residual.grad().masked_fill(dropped, 0.0) * 2.0), 1e-5);
}

TEST(FusedSteps, MeanOfTexts) {
  const PackedBatch batch = packed({{1, 2, 3}, {4}});
  const Tensor x =
      torch::tensor({{1.0F, 2.0F}, {3.0F, 4.0F}, {5.0F, 9.0F}, {7.0F, 8.0F}, {99.0F, 99.0F}}).requires_grad_(true);
  const Tensor y = mean_of_texts(x, batch);
  EXPECT_TRUE(torch::equal(y, torch::tensor({{3.0F, 5.0F}, {7.0F, 8.0F}})));
  y.backward(torch::tensor({{3.0F, 6.0F}, {1.0F, 2.0F}}));
  EXPECT_LT(largest_difference(x.grad(),
                               torch::tensor({{1.0F, 2.0F}, {1.0F, 2.0F}, {1.0F, 2.0F}, {1.0F, 2.0F}, {0.0F, 0.0F}})),
            1e-6);
}

TEST(FusedSteps, RoundedLinearAndItsGradients) {
  Random random(7);
  constexpr std::int64_t kRows = 133, kInputs = 48, kOutputs = 37;
  const Tensor x = leaf(random_tensor({kRows, kInputs}, random, -1.0F, 1.0F), torch::kBFloat16);
  const Tensor weight = leaf(random_tensor({kOutputs, kInputs}, random, -1.0F, 1.0F));
  const Tensor bias = leaf(random_tensor({kOutputs}, random, -1.0F, 1.0F));
  const Tensor y = rounded_linear(x, weight, bias);
  const Tensor weights = random_tensor({kRows, kOutputs}, random, -1.0F, 1.0F).to(torch::kBFloat16);
  y.backward(weights);
  const Tensor x64 = leaf(x, torch::kFloat64), weight64 = leaf(weight.to(torch::kBFloat16), torch::kFloat64);
  const Tensor bias64 = leaf(bias, torch::kFloat64);
  const Tensor expected = torch::linear(x64, weight64, bias64);
  expected.backward(weights.to(torch::kFloat64));
  // One rounding to 8 bits of the result (and of the bias, which is at most 1): half a step is at most 2^-8 of it.
  const auto relative_error = [](const Tensor& got, const Tensor& wanted) {
    return largest_difference(got, wanted) / wanted.abs().max().item<double>();
  };
  EXPECT_LT(relative_error(y, expected), 0.0049);
  EXPECT_LT(relative_error(x.grad(), x64.grad()), 0.004);
  EXPECT_LT(relative_error(weight.grad(), weight64.grad()), 0.004);
  EXPECT_LT(relative_error(bias.grad(), bias64.grad()), 1e-6);
}

TEST(FusedSteps, RoundedColumnsAreScaledAndSummed) {
  Random random(8);
  for (const std::int64_t width : {1, 16, 37}) {
    const Tensor x = random_tensor({131, width}, random, -2.0F, 2.0F),
                 factors = random_tensor({width}, random, 0.5F, 2.0F);
    const RoundedColumns scaled = rounded_columns(x, factors), plain = rounded_columns(x, {});
    EXPECT_TRUE(torch::equal(scaled.rounded, (x * factors).to(torch::kBFloat16))) << width;
    EXPECT_TRUE(torch::equal(plain.rounded, x.to(torch::kBFloat16))) << width;
    EXPECT_TRUE(torch::equal(scaled.sums, plain.sums)) << width;
    EXPECT_LT(largest_difference(scaled.sums, x.to(torch::kFloat64).sum(0)), 1e-4) << width;
    const Tensor row_factors = random_tensor({131}, random, 0.5F, 2.0F);
    EXPECT_TRUE(torch::equal(scaled_rows(plain.rounded, row_factors),
                             plain.rounded.to(torch::kFloat32) * row_factors.unsqueeze(1)))
        << width;
    EXPECT_TRUE(torch::equal(scaled_rows(plain.rounded, {}), plain.rounded.to(torch::kFloat32))) << width;
  }
}

// Ties, the range's ends, values beyond it, no values, and every length of a rest.
TEST(RowKernels, WeightsAreQuantizedToTheBit) {
  std::vector<float> x{0.0F, -0.0F, 1e30F, -1e30F, std::nanf(""), 127.49F, 127.5F, -127.5F, 1e-40F};
  for (int i = -260; i <= 260; ++i) x.push_back(0.5F * static_cast<float>(i));
  Random random(9);
  while (x.size() < 2000) x.push_back(random.uniform(-130.0F, 130.0F));
  for (const float inverse : {1.0F, 0.3F, 1.7F}) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{15}, std::size_t{33}, x.size()}) {
      std::vector<std::int8_t> got(count);
      quantize_weights(x.data(), count, inverse, got.data());
      for (std::size_t i = 0; i < count; ++i)
        EXPECT_EQ(got[i], spec::quantize_weight(x[i], inverse)) << x[i] << " * " << inverse;
    }
  }
}

TEST(RowKernels, LargestMagnitude) {
  std::vector<float> x(37, 0.5F);
  EXPECT_EQ(largest_magnitude(x.data(), 0), 0.0F);
  for (std::size_t at = 0; at < x.size(); ++at) {
    std::vector<float> y = x;
    y[at] = -3.25F;
    EXPECT_EQ(largest_magnitude(y.data(), y.size()), 3.25F) << at;
  }
}

// The whole pass in bfloat16: logits and gradients of all weights point where those of float do. Weights are small, as
// in training: with sharp attention, rounding moves weight from one token to another, in any bfloat16 pass.
TEST(Bf16Arithmetic, FollowsTheFloatPass) {
  spec::ModelConfig config = test::student_config();
  config.encoder.width = 64;
  config.encoder.head_width = 32;
  config.encoder.layers.assign(2, {2, 96});
  const auto gradients_of = [&](Arithmetic& arithmetic, Tensor& logits) {
    Student student = test::random_student(config, 4);
    visit_tensors(student, [](const std::string&, Tensor& tensor, TensorRole role) {
      if (role == TensorRole::kWeight) tensor.mul_(0.3);
      tensor.requires_grad_(role == TensorRole::kWeight || role == TensorRole::kPlain);
    });
    logits = forward(student, packed(test::random_texts(config, 11, 3)), arithmetic);
    (logits * torch::linspace(-1.0, 1.0, logits.numel()).view(logits.sizes())).sum().backward();
    std::map<std::string, Tensor> gradients;
    visit_tensors(student, [&](const std::string& name, Tensor& tensor, TensorRole) {
      if (tensor.grad().defined()) gradients[name] = tensor.grad();
    });
    return gradients;
  };
  FloatArithmetic exact;
  Bf16Arithmetic rounded;
  Tensor exact_logits, rounded_logits;
  const auto expected = gradients_of(exact, exact_logits), got = gradients_of(rounded, rounded_logits);
  EXPECT_LT(largest_difference(exact_logits, rounded_logits), 0.03 * exact_logits.abs().max().item<double>());
  EXPECT_FALSE(torch::equal(exact_logits, rounded_logits));
  ASSERT_EQ(expected.size(), got.size());
  for (const auto& [name, gradient] : expected) {
    EXPECT_EQ(got.at(name).scalar_type(), torch::kFloat32) << name;
    EXPECT_LT((gradient - got.at(name)).norm().item<double>(), 0.05 * gradient.norm().item<double>() + 1e-4) << name;
  }
}

}  // namespace
}  // namespace noggin::train
