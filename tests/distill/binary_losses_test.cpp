#include "distill/binary_losses.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/distill/gradient_check.h"

namespace noggin::distill {
namespace {

using torch::Tensor;

constexpr std::int64_t kBinaryRows = 5, kBinaryClasses = 4;

Tensor random_binary_logits(std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn({kBinaryRows, kBinaryClasses}, torch::kFloat64) * 3.0;
}

Tensor random_probabilities(std::uint64_t seed) { return torch::sigmoid(random_binary_logits(seed)); }

Tensor every_row() { return torch::ones({kBinaryRows}, torch::kFloat64); }

double sigmoid(double z) { return 1.0 / (1.0 + std::exp(-z)); }

double dense_binary_kl(const Tensor& logits, const Tensor& probabilities, double temperature) {
  double sum = 0.0;
  for (std::int64_t r = 0; r < kBinaryRows; ++r) {
    for (std::int64_t c = 0; c < kBinaryClasses; ++c) {
      const double p = probabilities[r][c].item<double>();
      const double yes = std::pow(p, 1.0 / temperature), no = std::pow(1.0 - p, 1.0 / temperature),
                   t = yes / (yes + no);
      const double q = sigmoid(logits[r][c].item<double>() / temperature);
      if (t > 0.0) sum += t * std::log(t / q);
      if (t < 1.0) sum += (1.0 - t) * std::log((1.0 - t) / (1.0 - q));
    }
  }
  return sum * temperature * temperature / (kBinaryRows * kBinaryClasses);
}

class BinaryKl : public testing::TestWithParam<double> {};

TEST_P(BinaryKl, IsTheDefinition) {
  const Tensor logits = random_binary_logits(1), p = random_probabilities(2);
  EXPECT_NEAR(binary_kl(logits, p, every_row(), GetParam()).item<double>(), dense_binary_kl(logits, p, GetParam()),
              1e-9);
}

TEST_P(BinaryKl, UnlistedClassesHaveProbabilityZero) {
  const Tensor logits = random_binary_logits(3), p = random_probabilities(4);
  const Tensor classes = torch::tensor({2, -1, 0}, torch::kInt64).repeat({kBinaryRows, 1});
  const Tensor listed =
      torch::stack({p.select(1, 2), torch::full({kBinaryRows}, 0.7, torch::kFloat64), p.select(1, 0)}, 1);
  Tensor dense = torch::zeros_like(p);
  dense.select(1, 0).copy_(p.select(1, 0));
  dense.select(1, 2).copy_(p.select(1, 2));
  EXPECT_NEAR(binary_kl(logits, TeacherTargets{classes, listed}, GetParam()).item<double>(),
              dense_binary_kl(logits, dense, GetParam()), 1e-9);
}

TEST_P(BinaryKl, IsTheTwoClassDistillationLoss) {
  const Tensor logits = random_binary_logits(5).narrow(1, 0, 1), p = random_probabilities(6).narrow(1, 0, 1);
  const TeacherTargets two{torch::tensor({0, 1}, torch::kInt64).repeat({kBinaryRows, 1}), torch::cat({p, 1.0 - p}, 1)};
  EXPECT_NEAR(binary_kl(logits, p, every_row(), GetParam()).item<double>(),
              distillation_kl(torch::cat({logits, torch::zeros_like(logits)}, 1), two, GetParam()).item<double>(),
              1e-10);
}

TEST_P(BinaryKl, GradientAgreesWithFiniteDifferences) {
  const Tensor p = random_probabilities(7);
  test::expect_gradient([&](const Tensor& z) { return binary_kl(z, p, every_row(), GetParam()); },
                        random_binary_logits(8));
}

TEST_P(BinaryKl, IsZeroAtEqualityPositiveElsewhereAndBlindToTheOrderOfClasses) {
  const Tensor logits = random_binary_logits(9), p = random_probabilities(10), order = torch::tensor({3, 1, 0, 2});
  EXPECT_NEAR(binary_kl(logits, torch::sigmoid(logits), every_row(), GetParam()).item<double>(), 0.0, 1e-12);
  const double loss = binary_kl(logits, p, every_row(), GetParam()).item<double>();
  EXPECT_GT(loss, 1e-3);
  EXPECT_NEAR(
      binary_kl(logits.index_select(1, order), p.index_select(1, order), every_row(), GetParam()).item<double>(), loss,
      1e-12);
  EXPECT_NEAR(binary_kl(-logits, 1.0 - p, every_row(), GetParam()).item<double>(), loss, 1e-10) << "yes and no swapped";
}

INSTANTIATE_TEST_SUITE_P(Temperatures, BinaryKl, testing::Values(0.5, 1.0, 2.0, 4.0));

TEST(BinaryKl, RowsWithoutATeacherDoNotCount) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor p = random_probabilities(11), point = random_binary_logits(12).requires_grad_(true);
  Tensor with_hole = p.clone(), counts = every_row();
  with_hole[2].fill_(nan);
  counts[2] = 0.0;
  const Tensor rows = torch::tensor({0, 1, 3, 4});
  const Tensor loss = binary_kl(point, with_hole, counts, 2.0);
  loss.backward();
  const Tensor expected =
      binary_kl(point.detach().index_select(0, rows), p.index_select(0, rows), torch::ones({4}), 2.0);
  EXPECT_NEAR(loss.item<double>(), expected.item<double>(), 1e-12);
  EXPECT_EQ(point.grad()[2].abs().max().item<double>(), 0.0);
  const TeacherTargets nobody{torch::full({kBinaryRows, 2}, -1, torch::kInt64),
                              torch::full({kBinaryRows, 2}, nan, torch::kFloat64)};
  EXPECT_EQ(binary_kl(point, nobody, 2.0).item<double>(), 0.0);
}

TEST(BinaryKl, CertainTeachersAndExtremeLogitsStayFiniteInFloat) {
  const Tensor p = torch::tensor({{0.0F, 1.0F, 0.5F, 1e-38F, 1.0001F, -0.0001F}});
  for (const float size : {1e4F, -1e4F, 1e20F, -1e20F, 0.0F}) {
    for (const double temperature : {0.01, 1.0, 20.0}) {
      const Tensor logits = torch::full({1, 6}, size).requires_grad_(true);
      const Tensor loss = binary_kl(logits, p, torch::ones({1}), temperature);
      loss.backward();
      EXPECT_TRUE(loss.isfinite().item<bool>()) << size << " at " << temperature;
      EXPECT_TRUE(logits.grad().isfinite().all().item<bool>()) << size << " at " << temperature;
    }
  }
  const Tensor right = torch::tensor({{-1e4F, 1e4F}}), certain = torch::tensor({{0.0F, 1.0F}});
  EXPECT_EQ(binary_kl(right, certain, torch::ones({1}), 2.0).item<float>(), 0.0F);
}

TEST(BinaryCrossEntropy, IsTheDefinitionForSoftGold) {
  const Tensor logits = random_binary_logits(13), gold = random_probabilities(14);
  const Tensor labels = torch::tensor({0, -1, 0, 0, -1}, torch::kInt64);
  double expected = 0.0;
  for (const std::int64_t r : {0, 2, 3}) {
    for (std::int64_t c = 0; c < kBinaryClasses; ++c) {
      const double q = sigmoid(logits[r][c].item<double>()), g = gold[r][c].item<double>();
      expected -= g * std::log(q) + (1.0 - g) * std::log(1.0 - q);
    }
  }
  EXPECT_NEAR(binary_cross_entropy(logits, gold, labels).item<double>(), expected / (3 * kBinaryClasses), 1e-10);
}

TEST(BinaryCrossEntropy, GradientIsSigmoidMinusGold) {
  const Tensor gold = random_probabilities(15), labels = torch::zeros({kBinaryRows}, torch::kInt64);
  const Tensor logits = random_binary_logits(16).requires_grad_(true);
  binary_cross_entropy(logits, gold, labels).backward();
  const Tensor expected = (torch::sigmoid(logits.detach()) - gold) / (kBinaryRows * kBinaryClasses);
  EXPECT_LT((logits.grad() - expected).abs().max().item<double>(), 1e-12);
}

TEST(BinaryCrossEntropy, RowsWithoutGoldMayHoldAnythingAndNoRowIsAnExactZero) {
  Tensor gold = random_probabilities(17);
  gold[1].fill_(std::numeric_limits<double>::quiet_NaN());
  const Tensor logits = random_binary_logits(18).requires_grad_(true);
  const Tensor some = binary_cross_entropy(logits, gold, torch::tensor({0, -1, 0, 0, 0}, torch::kInt64));
  some.backward();
  EXPECT_TRUE(some.isfinite().item<bool>());
  EXPECT_TRUE(logits.grad().isfinite().all().item<bool>());
  logits.mutable_grad() = Tensor();
  const Tensor none = binary_cross_entropy(logits, gold, torch::full({kBinaryRows}, -1, torch::kInt64));
  none.backward();
  EXPECT_EQ(none.item<double>(), 0.0);
  EXPECT_EQ(logits.grad().abs().max().item<double>(), 0.0);
}

}  // namespace
}  // namespace noggin::distill
