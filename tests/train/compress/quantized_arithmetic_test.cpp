// Rounding weights and activations, forward and backward, against the formulas written out.
#include "train/compress/quantized_arithmetic.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "spec/quant.h"
#include "tests/support/train_students.h"
#include "train/compress/calibrate.h"
#include "train/compress/integer_linear.h"
#include "train/compress/quantize_student.h"

namespace noggin::train {
namespace {

using test::largest_difference;
using test::Random;
using test::random_tensor;

// --- weights ---------------------------------------------------------------------------------------------------------

TEST(QuantizeLinear, GoldenRows) {
  const Tensor weight = torch::tensor({{1.27F, -0.5F, 0.004F}, {0.0F, 0.0F, 0.0F}, {0.1F, -0.1F, 0.05F}});
  const Tensor bias = torch::tensor({0.3F, 0.7F, -100.0F});
  const float input_scale = 0.02F;
  const format::FrozenTensor frozen = quantize_linear(weight, bias, input_scale);

  // Row 0: the largest weight is 127 steps of 0.01, so the bias counts in steps of 0.0002.
  // Row 1 and 2: the bias decides the step, so that it is half of its limit, 2^22.
  EXPECT_EQ(frozen.values, (std::vector<std::int8_t>{127, -50, 0, 0, 0, 0, 84, -84, 42}));
  EXPECT_EQ(frozen.bias[0], 1500);
  EXPECT_NEAR(frozen.bias[1], 4194304, 1);  // the step itself is rounded to a float
  EXPECT_NEAR(frozen.bias[2], -4194304, 1);
  EXPECT_EQ(frozen.floats[0], (1.27F / 127.0F) * input_scale);
  EXPECT_NEAR(frozen.floats[1], 0.7 / 4194304, 1e-12);
  EXPECT_NEAR(frozen.floats[2], 100.0 / 4194304, 1e-10);
}

TEST(QuantizeLinear, ARowOfZerosKeepsAPositiveScale) {
  const format::FrozenTensor frozen = quantize_linear(torch::zeros({1, 4}), torch::zeros({1}), 0.5F);
  EXPECT_EQ(frozen.floats[0], spec::kSmallestScale * 0.5F);
  EXPECT_EQ(frozen.bias[0], 0);
}

TEST(QuantizeLinear, EveryWeightIsTheNearestStepOfItsRow) {
  Random random(1);
  const Tensor weight = random_tensor({7, 33}, random, -2.0F, 2.0F), bias = random_tensor({7}, random, -1.0F, 1.0F);
  const format::FrozenTensor frozen = quantize_linear(weight, bias, 0.01F);
  for (std::int64_t n = 0; n < 7; ++n) {
    const double scale = double{frozen.floats[static_cast<std::size_t>(n)]} / 0.01F;
    int largest = 0;
    for (std::int64_t k = 0; k < 33; ++k) {
      const int value = frozen.values[static_cast<std::size_t>(n * 33 + k)];
      largest = std::max(largest, std::abs(value));
      EXPECT_LE(std::abs(value * scale - weight[n][k].item<double>()), 0.5001 * scale);
    }
    EXPECT_EQ(largest, 127);
    EXPECT_NEAR(frozen.bias[static_cast<std::size_t>(n)] * scale * 0.01F, bias[n].item<double>(),
                0.5001 * scale * 0.01F);
  }
}

TEST(QuantizeStudent, RefusesAStudentThatStillMasks) {
  Student student = test::random_student(test::student_config(), 1);
  student.layers[1].head_mask[0] = 0.0F;
  EXPECT_THROW(quantize_student(student), std::logic_error);
}

// --- products --------------------------------------------------------------------------------------------------------

// The grid position of an activation, from its definition.
double position_of(float x, float scale) { return double{x * (1.0F / scale)}; }
std::int64_t step_of(float x, float scale) {
  return std::llrint(std::min(127.0, std::max(-128.0, position_of(x, scale))));
}

// Words on their grid times weights on theirs; gradients as if neither were rounded, at the rounded values.
class QuantizedProjection : public testing::TestWithParam<spec::WeightType> {};
INSTANTIATE_TEST_SUITE_P(Words, QuantizedProjection, testing::Values(spec::WeightType::kInt8, spec::WeightType::kInt4));

TEST_P(QuantizedProjection, IsTheProductOfTheGridsAndSoAreItsGradients) {
  Random random(11);
  const Tensor rows = random_tensor({6, 5}, random, -0.1F, 0.1F).requires_grad_(),
               weight = random_tensor({9, 5}, random, -1.0F, 1.0F).requires_grad_();
  const Tensor gradient = random_tensor({6, 9}, random, -1.0F, 1.0F);
  const Tensor y = QuantizedArithmetic().project(rows, weight, GetParam());
  y.backward(gradient);
  const auto fake_quantized = [](const Tensor& x) {
    const Tensor scale = std::get<0>(x.detach().abs().max(1, true)).to(torch::kFloat64) / 127.0;
    return (x.detach().to(torch::kFloat64) / scale).round() * scale;
  };
  const format::FrozenTensor words = quantize_embedding(rows, GetParam());
  const Tensor steps = torch::tensor(words.floats).to(torch::kFloat64).unsqueeze(1);
  const Tensor q = integers_of(words, rows).to(torch::kFloat64) * steps, w = fake_quantized(weight),
               g = gradient.to(torch::kFloat64);
  EXPECT_LT(largest_difference(y, q.matmul(w.t())), 1e-6);
  EXPECT_LT(largest_difference(rows.grad(), g.matmul(w)), 1e-5);
  EXPECT_LT(largest_difference(weight.grad(), g.t().matmul(q)), 1e-6);
  EXPECT_GT(largest_difference(y, rows.matmul(weight.t())), 1e-4) << "nothing was rounded";
}

struct LinearCase {
  Tensor x, weight, bias, scale;
};
LinearCase linear_case(std::int64_t rows, std::int64_t inputs, std::int64_t outputs, std::uint64_t seed) {
  Random random(seed);
  // With a step of 0.013, values up to 2.5 leave the range [-1.66, 1.65] on both sides.
  return {random_tensor({rows, inputs}, random, -2.5F, 2.5F), random_tensor({outputs, inputs}, random, -1.0F, 1.0F),
          random_tensor({outputs}, random, -3.0F, 3.0F), torch::full({1}, 0.013F)};
}

TEST(QuantizedLinear, IsTheExactIntegerProductToTheBit) {
  const std::vector<std::array<std::int64_t, 3>> shapes = {{1, 1, 1}, {5, 33, 7}, {3, 64, 16}, {70, 129, 31}};
  for (const auto& [rows, inputs, outputs] : shapes) {
    const LinearCase c = linear_case(rows, inputs, outputs, static_cast<std::uint64_t>(inputs));
    const float scale = c.scale.item<float>();
    const format::FrozenTensor frozen = quantize_linear(c.weight, c.bias, scale);
    const Tensor y = quantized_linear(c.x, c.weight, c.bias, c.scale);
    std::int64_t differing = 0;
    for (std::int64_t m = 0; m < rows; ++m) {
      for (std::int64_t n = 0; n < outputs; ++n) {
        std::int64_t sum = frozen.bias[static_cast<std::size_t>(n)];
        for (std::int64_t k = 0; k < inputs; ++k) {
          sum += step_of(c.x[m][k].item<float>(), scale) * frozen.values[static_cast<std::size_t>(n * inputs + k)];
        }
        differing += y[m][n].item<float>() != static_cast<float>(sum) * frozen.floats[static_cast<std::size_t>(n)];
      }
    }
    EXPECT_EQ(differing, 0) << rows << " x " << inputs << " x " << outputs;
  }
}

// Expected gradients in float64. inside: strictly between the ends of the range.
struct Quantized {
  Tensor rounded, position, inside;
};
Quantized quantized_of(const Tensor& x, float scale) {
  Quantized quantized{torch::empty(x.sizes(), torch::kFloat64), torch::empty(x.sizes(), torch::kFloat64),
                      torch::empty(x.sizes(), torch::kFloat64)};
  const Tensor flat = x.detach().contiguous();
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const float value = flat.const_data_ptr<float>()[i];
    quantized.rounded.data_ptr<double>()[i] = static_cast<double>(step_of(value, scale));
    quantized.position.data_ptr<double>()[i] = position_of(value, scale);
    quantized.inside.data_ptr<double>()[i] = std::abs(position_of(value, scale) + 0.5) < 127.5 ? 1.0 : 0.0;
  }
  return quantized;
}

// LSQ, eq. 3 with the gradient scale 1 / sqrt(count * 127).
double lsq_scale_gradient(const Tensor& gradient, const Quantized& quantized) {
  return (gradient * (quantized.rounded - quantized.position * quantized.inside)).sum().item<double>() /
         std::sqrt(static_cast<double>(gradient.numel()) * 127.0);
}

double relative(const Tensor& got, const Tensor& expected) {
  return largest_difference(got, expected) / expected.abs().max().item<double>();
}

TEST(QuantizedLinear, GradientsAreStraightThroughAndLsq) {
  LinearCase c = linear_case(6, 33, 9, 4);
  for (Tensor* tensor : {&c.x, &c.weight, &c.bias, &c.scale}) tensor->requires_grad_(true);
  Random random(9);
  const Tensor dy = random_tensor({6, 9}, random, -1.0F, 1.0F), dy64 = dy.to(torch::kFloat64);
  quantized_linear(c.x, c.weight, c.bias, c.scale).backward(dy);

  const float scale = c.scale.item<float>();
  const Quantized quantized = quantized_of(c.x, scale);
  const format::FrozenTensor frozen = quantize_linear(c.weight.detach(), c.bias.detach(), scale);
  Tensor weight_hat = torch::empty({9, 33}, torch::kFloat64);
  for (std::size_t i = 0; i < frozen.values.size(); ++i) {
    weight_hat.data_ptr<double>()[i] = frozen.values[i] * (double{frozen.floats[i / 33]} / double{scale});
  }
  const Tensor dx_hat = dy64.matmul(weight_hat);
  EXPECT_LT(relative(c.weight.grad(), dy64.t().matmul(quantized.rounded * double{scale})), 1e-5);
  EXPECT_LT(relative(c.bias.grad(), dy64.sum(0)), 1e-5);
  EXPECT_LT(relative(c.x.grad(), dx_hat * quantized.inside), 1e-5);
  EXPECT_GT((1.0 - quantized.inside).sum().item<double>(), 10.0) << "nothing was clamped";
  const double expected = lsq_scale_gradient(dx_hat, quantized);
  EXPECT_NEAR(c.scale.grad().item<double>(), expected, 1e-4 * std::abs(expected));
}

// bfloat16 rounds dy * scale to 8 bits, and each product once more: by at most 2^-8 of itself.
TEST(QuantizedLinear, RoundedGradientsAreThoseOfFloatToEightBitsAndTheForwardPassIsTheSame) {
  Random random(9);
  const Tensor dy = random_tensor({70, 31}, random, -1.0F, 1.0F);
  LinearCase exact = linear_case(70, 129, 31, 4), rounded = linear_case(70, 129, 31, 4);
  Tensor results[2];
  for (LinearCase* c : {&exact, &rounded}) {
    for (Tensor* tensor : {&c->x, &c->weight, &c->bias, &c->scale}) tensor->requires_grad_(true);
    Tensor& y = results[c == &rounded];
    y = quantized_linear(c->x, c->weight, c->bias, c->scale, c == &rounded);
    y.backward(dy);
  }
  EXPECT_TRUE(torch::equal(results[0], results[1]));
  EXPECT_LT(relative(rounded.x.grad(), exact.x.grad()), 0.008);
  EXPECT_LT(relative(rounded.weight.grad(), exact.weight.grad()), 0.008);
  EXPECT_LT(relative(rounded.bias.grad(), exact.bias.grad()), 1e-6);
  EXPECT_NEAR(rounded.scale.grad().item<double>(), exact.scale.grad().item<double>(),
              0.02 * std::abs(exact.scale.grad().item<double>()));
  EXPECT_FALSE(torch::equal(rounded.weight.grad(), exact.weight.grad())) << "nothing was rounded";
}

// --- int4 weights ----------------------------------------------------------------------------------------------------

// Row-major weights with their sub-steps: what one unit of frozen.floats / input scale is multiplied by.
Tensor effective_weights(const format::FrozenTensor& frozen, std::int64_t rows, std::int64_t columns) {
  Tensor weights = torch::empty({rows, columns}, torch::kFloat64);
  const std::size_t group = frozen.values.size() / frozen.steps.size();
  for (std::size_t i = 0; i < frozen.values.size(); ++i) {
    weights.data_ptr<double>()[i] = frozen.values[i] * frozen.steps[i / group];
  }
  return weights;
}

TEST(QuantizeInt4Linear, EachGroupHasItsOwnStepWithinItsRange) {
  Random random(12);
  Tensor weight = random_tensor({7, 128}, random, -1.0F, 1.0F);
  for (std::int64_t g = 0; g < 4; ++g) weight.narrow(1, 32 * g, 32).mul_(std::pow(0.4, static_cast<double>(g)));
  const Tensor bias = random_tensor({7}, random, -3.0F, 3.0F);
  const format::FrozenTensor frozen = quantize_linear(weight, bias, 0.01F, 32);
  ASSERT_EQ(frozen.steps.size(), 7U * 4U);
  EXPECT_EQ(*std::min_element(frozen.values.begin(), frozen.values.end()), -8);
  EXPECT_EQ(*std::max_element(frozen.values.begin(), frozen.values.end()), 7);
  const Tensor effective = effective_weights(frozen, 7, 128);
  for (std::size_t n = 0; n < 7; ++n) {
    EXPECT_EQ(*std::max_element(&frozen.steps[4 * n], &frozen.steps[4 * n] + 4), 127);
    const double sub_step = double{frozen.floats[n]} / 0.01;
    EXPECT_NEAR(frozen.bias[n] * double{frozen.floats[n]}, bias[static_cast<std::int64_t>(n)].item<double>(),
                0.51 * double{frozen.floats[n]});
    for (std::int64_t g = 0; g < 4; ++g) {
      const auto part = [&](const Tensor& x) {
        return x[static_cast<std::int64_t>(n)].narrow(0, 32 * g, 32).to(torch::kFloat64);
      };
      const double relative =
          (part(effective) * sub_step - part(weight)).norm().item<double>() / part(weight).norm().item<double>();
      EXPECT_LT(relative, 0.12) << "output " << n << " group " << g;  // one step for all would give 0.5 in the last
    }
  }
}

TEST(QuantizeInt4Linear, AChannelWithoutWeightsKeepsItsBias) {
  const format::FrozenTensor frozen = quantize_linear(torch::zeros({1, 64}), torch::full({1}, 2.0F), 0.5F, 64);
  EXPECT_NEAR(frozen.bias[0] * double{frozen.floats[0]}, 2.0, 1e-6);
  EXPECT_EQ(frozen.steps[0], 1);
  EXPECT_EQ(frozen.values, std::vector<std::int8_t>(64, 0));
}

TEST(QuantizedLinear, WithInt4WeightsIsTheExactIntegerProductToTheBit) {
  for (const std::uint32_t group : {32U, 64U, 128U}) {
    const LinearCase c = linear_case(21, 128, 31, group);
    const float scale = c.scale.item<float>();
    const format::FrozenTensor frozen = quantize_linear(c.weight, c.bias, scale, group);
    const Tensor effective = effective_weights(frozen, 31, 128);
    const Tensor y = quantized_linear(c.x, c.weight, c.bias, c.scale, false, group);
    const Tensor sums = quantized_of(c.x, scale).rounded.matmul(effective.t());  // exact in float64
    for (std::int64_t m = 0; m < 21; ++m) {
      for (std::int64_t n = 0; n < 31; ++n) {
        const auto channel = static_cast<std::size_t>(n);
        const auto sum = static_cast<float>(sums[m][n].item<double>() + frozen.bias[channel]);
        ASSERT_EQ(y[m][n].item<float>(), sum * frozen.floats[channel]) << group << " " << m << " " << n;
      }
    }
  }
}

TEST(QuantizedLinear, WithInt4WeightsHasTheGradientsOfTheWeightsItMultipliedWith) {
  LinearCase c = linear_case(6, 64, 9, 4);
  for (Tensor* tensor : {&c.x, &c.weight, &c.bias, &c.scale}) tensor->requires_grad_(true);
  Random random(9);
  const Tensor dy = random_tensor({6, 9}, random, -1.0F, 1.0F), dy64 = dy.to(torch::kFloat64);
  quantized_linear(c.x, c.weight, c.bias, c.scale, false, 32).backward(dy);
  const float scale = c.scale.item<float>();
  const Quantized quantized = quantized_of(c.x, scale);
  const format::FrozenTensor frozen = quantize_linear(c.weight.detach(), c.bias.detach(), scale, 32);
  const Tensor sub_steps = torch::tensor(frozen.floats).to(torch::kFloat64).unsqueeze(1) / double{scale};
  const Tensor dx_hat = dy64.matmul(effective_weights(frozen, 9, 64) * sub_steps);
  EXPECT_LT(relative(c.weight.grad(), dy64.t().matmul(quantized.rounded * double{scale})), 1e-5);
  EXPECT_LT(relative(c.bias.grad(), dy64.sum(0)), 1e-5);
  EXPECT_LT(relative(c.x.grad(), dx_hat * quantized.inside), 1e-5);
}

// The bias enters linearly, on a grid so fine that a difference quotient sees its slope.
TEST(QuantizedLinear, BiasGradientIsTheDifferenceQuotient) {
  LinearCase c = linear_case(4, 12, 3, 8);
  const auto sum_at = [&](float shift) {
    return quantized_linear(c.x, c.weight, c.bias + shift, c.scale).to(torch::kFloat64).sum().item<double>();
  };
  EXPECT_NEAR((sum_at(0.25F) - sum_at(-0.25F)) / 0.5, 4.0 * 3.0, 0.01);
}

// --- activations -----------------------------------------------------------------------------------------------------

class QuantizedWords : public testing::TestWithParam<spec::WeightType> {};
INSTANTIATE_TEST_SUITE_P(Types, QuantizedWords, testing::Values(spec::WeightType::kInt8, spec::WeightType::kInt4));

TEST_P(QuantizedWords, AreTheirIntegersTimesTheirSteps) {
  Random random(5);
  const Tensor table = random_tensor({70, 33}, random, -2.0F, 2.0F).requires_grad_(true);
  const Tensor rows = QuantizedArithmetic().embed(table, torch::arange(70), GetParam());
  rows.backward(torch::full({70, 33}, 0.5F));
  const format::FrozenTensor frozen = quantize_embedding(table, GetParam());
  for (std::size_t i = 0; i < frozen.values.size(); ++i) {
    ASSERT_EQ(rows.const_data_ptr<float>()[i], static_cast<float>(frozen.values[i]) * frozen.floats[i / 33]) << i;
  }
  EXPECT_TRUE(torch::equal(table.grad(), torch::full({70, 33}, 0.5F)));
}

TEST(FakeQuantize, RoundsHalfToEvenAndSaturates) {
  const Tensor x = torch::tensor({0.5F, 1.5F, -0.5F, -2.5F, 300.0F, -300.0F, 126.6F});
  const Tensor y = fake_quantize(x, torch::ones({1}));
  EXPECT_TRUE(torch::equal(y, torch::tensor({0.0F, 2.0F, 0.0F, -2.0F, 127.0F, -128.0F, 127.0F})));
}

TEST(FakeQuantize, GradientsInsideAndOutsideTheRange) {
  Random random(3);
  Tensor x = random_tensor({50, 4}, random, -3.0F, 3.0F).requires_grad_(true);
  Tensor scale = torch::full({1}, 0.017F).requires_grad_(true);
  const Tensor dy = random_tensor({50, 4}, random, -1.0F, 1.0F);
  fake_quantize(x, scale).backward(dy);
  const Quantized quantized = quantized_of(x, 0.017F);
  EXPECT_EQ(largest_difference(x.grad(), dy.to(torch::kFloat64) * quantized.inside), 0.0);
  const double expected = lsq_scale_gradient(dy.to(torch::kFloat64), quantized);
  EXPECT_NEAR(scale.grad().item<double>(), expected, 1e-4 * std::abs(expected));
}

// Outside the range the output is limit * scale, a smooth function of the scale: its true slope is what LSQ uses.
TEST(FakeQuantize, ScaleGradientOutsideTheRangeIsTheDifferenceQuotient) {
  const Tensor x = torch::tensor({9.0F, -9.0F, 20.0F});
  const Tensor weights = torch::tensor({1.0F, 0.5F, -2.0F});
  const auto loss_at = [&](double scale) {
    return (fake_quantize(x, torch::full({1}, scale)) * weights).sum().item<double>();
  };
  Tensor scale = torch::full({1}, 0.01F).requires_grad_(true);
  (fake_quantize(x, scale) * weights).sum().backward();
  const double quotient = (loss_at(0.012) - loss_at(0.008)) / 0.004;
  EXPECT_NEAR(scale.grad().item<double>() * std::sqrt(3.0 * 127.0), quotient, 0.05);
}

// --- calibration -----------------------------------------------------------------------------------------------------

double rounding_error(const std::vector<float>& magnitudes, float scale) {
  double error = 0.0;
  for (const float value : magnitudes) {
    const double difference = value - static_cast<double>(step_of(value, scale)) * scale;
    error += difference * difference;
  }
  return error;
}

TEST(LeastErrorScale, ClipsAHeavyTail) {
  Random random(2);
  std::vector<float> magnitudes;
  for (int i = 0; i < 200000; ++i) magnitudes.push_back(random.uniform(0.0F, 1.0F));
  magnitudes.push_back(4.0F);
  const float scale = least_error_scale(magnitudes);
  // error(c) = 200,000 c^2 / (12 * 127^2) + (4 - c)^2 is least at a clipping point of c = 1.97, half of what c = 4
  // costs.
  EXPECT_NEAR(scale * 127.0F, 1.97F, 0.05F);
  EXPECT_LT(rounding_error(magnitudes, scale), 0.55 * rounding_error(magnitudes, 4.0F / 127.0F));
}

TEST(LeastErrorScale, NoClippingPointInItsRangeIsMuchBetter) {
  Random random(6);
  std::vector<float> magnitudes;
  for (int i = 0; i < 5000; ++i)
    magnitudes.push_back(std::abs(random.uniform(-1, 1) * random.uniform(-1, 1) * random.uniform(-3, 3)));
  const float largest = *std::max_element(magnitudes.begin(), magnitudes.end());
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i <= 400; ++i) {
    best = std::min(best, rounding_error(magnitudes, largest * (0.2F + 0.002F * static_cast<float>(i)) / 127.0F));
  }
  EXPECT_LT(rounding_error(magnitudes, least_error_scale(magnitudes)), 1.05 * best);
}

TEST(LeastErrorScale, NothingSeenGivesAStepOfOne) {
  EXPECT_EQ(least_error_scale({}), 1.0F);
  EXPECT_EQ(least_error_scale({0.0F, 0.0F}), 1.0F);
}

TEST(Calibration, SetsEveryScaleAndLeavesTheForwardPassAlone) {
  Student student = test::random_student(test::student_config(), 4);
  const PackedBatch batch = test::packed(test::random_texts(student.config, 8, 1));
  torch::NoGradGuard no_grad;
  CalibratingArithmetic observer;
  FloatArithmetic plain;
  EXPECT_TRUE(torch::equal(forward(student, batch, observer), forward(student, batch, plain)));
  observer.set_scales(student);
  visit_tensors(student, [](const std::string& name, const Tensor& tensor, TensorRole role) {
    if (role != TensorRole::kScale) return;
    EXPECT_GT(tensor.item<float>(), 1e-4F) << name;
    EXPECT_LT(tensor.item<float>(), 0.1F) << name << " was never watched";
  });
}

}  // namespace
}  // namespace noggin::train
