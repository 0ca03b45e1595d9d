#include "train/compress/learned_steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/support/train_quantized.h"
#include "train/compress/quantize_student.h"
#include "train/compress/quantized_arithmetic.h"
#include "train/compress/quantized_forward.h"
#include "train/loop/optimizer.h"

namespace noggin::train {
namespace {

using test::Random;
using test::random_tensor;

// The formulas of the paper written out for each weight, in double.
TEST(LearnedSteps, HaveTheGradientsOfLsq) {
  constexpr std::int64_t kRows = 3, kGroups = 2, kGroup = 32;
  Random random(5);
  // Steps so small that some weights leave the range of -8 to 7 on either side.
  const Tensor weight = random_tensor({kRows, kGroups * kGroup}, random, -1.0F, 1.0F).requires_grad_(),
               steps = random_tensor({kRows, kGroups}, random, 0.08F, 0.12F).requires_grad_();
  const Tensor gradient = random_tensor({kRows, kGroups * kGroup}, random, -1.0F, 1.0F);
  const Tensor same = with_step_gradient(weight, steps);
  EXPECT_TRUE(torch::equal(same, weight));
  same.backward(gradient);
  int outside = 0;
  for (std::int64_t m = 0; m < kRows; ++m) {
    for (std::int64_t g = 0; g < kGroups; ++g) {
      double sum = 0.0;
      for (std::int64_t k = g * kGroup; k < (g + 1) * kGroup; ++k) {
        const double position = weight[m][k].item<float>() / steps[m][g].item<float>();
        const double up = gradient[m][k].item<double>();
        const bool inside = position > -8.0 && position < 7.0;
        outside += inside ? 0 : 1;
        sum += up * (inside ? std::nearbyint(position) - position : position < 0.0 ? -8.0 : 7.0);
        EXPECT_EQ(weight.grad()[m][k].item<double>(), inside ? up : 0.0) << m << " " << k;
      }
      EXPECT_NEAR(steps.grad()[m][g].item<double>(), sum / std::sqrt(32.0 * 7.0), 1e-4) << m << " " << g;
    }
  }
  EXPECT_GT(outside, 10);
}

TEST(LearnedSteps, BeginWithTheLeastSquaredError) {
  torch::NoGradGuard no_grad;
  Student student = test::calibrated_student(test::int4_layers_config(), 2);
  const auto before = quantize_student(student);
  begin_learned_steps(student);
  int matrices = 0;
  visit_tensors(student, [&](const std::string&, const Tensor&, TensorRole role) {
    matrices += role == TensorRole::kStep ? 1 : 0;
  });
  EXPECT_EQ(matrices, 7) << "one of the eight has eight bits";
  for (const auto& [name, frozen] : quantize_student(student)) {
    EXPECT_EQ(frozen.values, before.at(name).values) << name;
    EXPECT_EQ(frozen.steps, before.at(name).steps) << name;
    EXPECT_EQ(frozen.floats, before.at(name).floats) << name;
  }
  set_groups(student);
  visit_tensors(student, [&](const std::string& name, const Tensor&, TensorRole role) {
    EXPECT_NE(role, TensorRole::kStep) << name;
  });
}

// Other steps give other logits, and those of the exact evaluation, which export copies, go with them.
TEST(LearnedSteps, AreThoseOfEveryForward) {
  torch::NoGradGuard no_grad;
  Student student = test::calibrated_student(test::int4_layers_config(), 2);
  const test::Texts texts = test::random_texts(student.config, 20, 3);
  QuantizedArithmetic arithmetic;
  const auto trained = [&] { return forward(student, test::packed(texts), arithmetic); };
  const auto exact = [&] {
    const QuantizedStudent quantized(student.config, quantize_student(student));
    std::vector<Tensor> rows;
    for (const auto& text : texts) rows.push_back(torch::tensor(quantized.logits(text, *runtime::select_kernels())));
    return torch::stack(rows);
  };
  const Tensor followed = trained(), exactly_followed = exact();
  begin_learned_steps(student);
  EXPECT_TRUE(torch::equal(trained(), followed));
  visit_tensors(student, [](const std::string&, Tensor& tensor, TensorRole role) {
    if (role == TensorRole::kStep) tensor.mul_(1.4);
  });
  const double moved = test::largest_difference(trained(), followed);
  EXPECT_GT(moved, 0.05);
  EXPECT_GT(test::largest_difference(exact(), exactly_followed), 0.5 * moved);
  EXPECT_TRUE(torch::equal(trained(), exact()));
}

TEST(LearnedSteps, MoveAtTheirOwnRateOrNotAtAll) {
  for (const double rate : {0.0, 0.1}) {
    Student student = test::calibrated_student(test::int4_layers_config(), 2);
    begin_learned_steps(student);
    const Student before = copy_student(student, torch::kCPU);
    Optimizer optimizer(student, {.step_learning_rate = rate});
    QuantizedArithmetic arithmetic;
    forward(student, test::packed(test::random_texts(student.config, 20, 3)), arithmetic).square().sum().backward();
    optimizer.step(0.01);
    std::map<std::string, Tensor> begun;
    visit_tensors(before, [&](const std::string& name, const Tensor& tensor, TensorRole) { begun[name] = tensor; });
    visit_tensors(student, [&](const std::string& name, const Tensor& tensor, TensorRole role) {
      if (role != TensorRole::kStep) return;
      // The first step of Adam is the rate, up or down.
      EXPECT_NEAR((tensor - begun.at(name)).abs().max().item<double>(), rate * 0.01, 1e-5) << name;
      EXPECT_EQ(tensor.requires_grad(), rate > 0.0) << name;
    });
  }
}

}  // namespace
}  // namespace noggin::train
