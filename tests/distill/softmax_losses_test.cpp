#include "distill/softmax_losses.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/distill/gradient_check.h"
#include "tests/distill/teacher_targets.h"

namespace noggin::distill {
namespace {

using torch::Tensor;

Tensor random_logits(std::int64_t rows, std::int64_t classes, std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn({rows, classes}, torch::kFloat64) * 3.0;
}

// The dense loss, straight from its definition.
double dense_kl(const Tensor& teacher_logits, const Tensor& student_logits, double temperature) {
  const Tensor t = torch::softmax(teacher_logits / temperature, 1);
  const Tensor log_q = torch::log_softmax(student_logits / temperature, 1);
  return (t * (t.log() - log_q)).sum(1).mean().item<double>() * temperature * temperature;
}

class WithTemperature : public testing::TestWithParam<double> {};

TEST_P(WithTemperature, EveryClassListedIsTheDenseLoss) {
  const Tensor teacher = random_logits(7, 11, 1), student = random_logits(7, 11, 2);
  const double loss = distillation_kl(student, top_classes_of(teacher, 11), GetParam()).item<double>();
  EXPECT_NEAR(loss, dense_kl(teacher, student, GetParam()), 1e-9);
}

TEST_P(WithTemperature, LogitsOfATeacherAreTheDenseLoss) {
  const Tensor teacher = random_logits(7, 11, 1), student = random_logits(7, 11, 2);
  Tensor counts = torch::ones({7}, torch::kBool);
  EXPECT_NEAR(logits_kl(student, teacher, counts, GetParam()).item<double>(), dense_kl(teacher, student, GetParam()),
              1e-9);
  test::expect_gradient([&](const Tensor& at) { return logits_kl(at, teacher, counts, GetParam()); }, student);
  EXPECT_NEAR(logits_kl(teacher, teacher, counts, GetParam()).item<double>(), 0.0, 1e-12);
  counts.slice(0, 3) = false;  // a row that does not count changes nothing
  EXPECT_NEAR(logits_kl(student, teacher, counts, GetParam()).item<double>(),
              dense_kl(teacher.slice(0, 0, 3), student.slice(0, 0, 3), GetParam()), 1e-9);
}

TEST_P(WithTemperature, TheTailIsOneClassOfItsOwn) {
  const double T = GetParam();
  const Tensor teacher = random_logits(5, 9, 3), student = random_logits(5, 9, 4);
  const TeacherTargets targets = top_classes_of(teacher, 4);
  double expected = 0.0;
  for (std::int64_t row = 0; row < 5; ++row) {
    const Tensor p = torch::softmax(student[row], 0);
    std::vector<double> t, q;
    double t_rest = 1.0, q_rest = 1.0;
    for (std::int64_t i = 0; i < 4; ++i) {
      t.push_back(targets.probabilities[row][i].item<double>());
      q.push_back(p[targets.classes[row][i].item<std::int64_t>()].item<double>());
      t_rest -= t.back();
      q_rest -= q.back();
    }
    t.push_back(t_rest);
    q.push_back(q_rest);
    double t_sum = 0.0, q_sum = 0.0;
    for (std::size_t i = 0; i < t.size(); ++i) {
      t_sum += t[i] = std::pow(t[i], 1.0 / T);
      q_sum += q[i] = std::pow(q[i], 1.0 / T);
    }
    for (std::size_t i = 0; i < t.size(); ++i)
      expected += t[i] / t_sum * std::log(t[i] / t_sum / (q[i] / q_sum)) * T * T / 5.0;
  }
  EXPECT_NEAR(distillation_kl(student, targets, T).item<double>(), expected, 1e-9);
}

TEST_P(WithTemperature, IsZeroWithZeroGradientWhenTheStudentIsTheTeacher) {
  const Tensor student = random_logits(4, 6, 5).requires_grad_(true);
  const Tensor loss = distillation_kl(student, top_classes_of(student.detach(), 3), GetParam());
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), 0.0, 1e-12);
  EXPECT_LT(student.grad().abs().max().item<double>(), 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Temperatures, WithTemperature, testing::Values(0.5, 1.0, 2.0, 4.0));

// Logs are rounded: the sum of a full list need not be 1, and what rounding leaves must not become a bucket without
// classes.
TEST(DistillationKl, RoundingOfAFullListLeavesNoTail) {
  const Tensor student = torch::tensor({{1.0F, 2.0F, 3.0F}});
  const TeacherTargets rounded{torch::tensor({{2, 1, 0}}, torch::kInt64), torch::tensor({{0.665F, 0.245F, 0.089F}})};
  EXPECT_LT(distillation_kl(student, rounded, 1.0).item<float>(), 1e-3F);
}

TEST(DistillationKl, UnusedEntriesAndRowsWithoutATeacherDoNotCount) {
  const Tensor teacher = random_logits(2, 5, 6), student = random_logits(3, 5, 7);
  const TeacherTargets two = top_classes_of(teacher, 3);
  const TeacherTargets padded{torch::cat({torch::cat({two.classes, torch::full({2, 2}, -1, torch::kInt64)}, 1),
                                          torch::full({1, 5}, -1, torch::kInt64)}),
                              torch::cat({torch::cat({two.probabilities, torch::zeros({2, 2}, torch::kFloat64)}, 1),
                                          torch::zeros({1, 5}, torch::kFloat64)})};
  EXPECT_NEAR(distillation_kl(student, padded, 2.0).item<double>(),
              distillation_kl(student.slice(0, 0, 2), two, 2.0).item<double>(), 1e-12);
}

TEST(DistillationKl, GradientAgreesWithFiniteDifferences) {
  const TeacherTargets targets = top_classes_of(random_logits(1, 5, 8), 2);
  const Tensor student = random_logits(1, 5, 9).requires_grad_(true);
  distillation_kl(student, targets, 2.0).backward();
  for (std::int64_t c = 0; c < 5; ++c) {
    Tensor up = student.detach().clone(), down = up.clone();
    up[0][c] += 1e-5;
    down[0][c] -= 1e-5;
    const double slope =
        (distillation_kl(up, targets, 2.0) - distillation_kl(down, targets, 2.0)).item<double>() / 2e-5;
    EXPECT_NEAR(student.grad()[0][c].item<double>(), slope, 1e-6);
  }
}

TEST(GoldCrossEntropy, IsMinusLogProbabilityOverLabelledRows) {
  const Tensor logits = random_logits(3, 4, 10);
  const Tensor labels = torch::tensor({2, -1, 0}, torch::kInt64);
  const Tensor log_p = torch::log_softmax(logits, 1);
  const double expected = -(log_p[0][2] + log_p[2][0]).item<double>() / 2.0;
  EXPECT_NEAR(gold_cross_entropy(logits, labels, 0.0).item<double>(), expected, 1e-12);
}

TEST(GoldCrossEntropy, SmoothingSpreadsEvenlyOverAllClasses) {
  const Tensor logits = random_logits(1, 4, 11);
  const Tensor target = torch::tensor({0.025, 0.925, 0.025, 0.025}, torch::kFloat64);
  const double expected = -(torch::log_softmax(logits, 1)[0] * target).sum().item<double>();
  EXPECT_NEAR(gold_cross_entropy(logits, torch::tensor({1}, torch::kInt64), 0.1).item<double>(), expected, 1e-12);
}

TEST(GoldCrossEntropy, WithoutAnyLabelIsAnExactZeroThatStillDifferentiates) {
  const Tensor logits = random_logits(2, 3, 12).requires_grad_(true);
  const Tensor loss = gold_cross_entropy(logits, torch::full({2}, -1, torch::kInt64), 0.1);
  loss.backward();
  EXPECT_EQ(loss.item<double>(), 0.0);
  EXPECT_EQ(logits.grad().abs().max().item<double>(), 0.0);
}

}  // namespace
}  // namespace noggin::distill
