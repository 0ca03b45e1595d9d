// Forward KL, reverse KL and Jensen-Shannon against their definitions, in loops over doubles.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "distill/softmax_losses.h"
#include "tests/distill/gradient_check.h"
#include "tests/distill/teacher_targets.h"

namespace noggin::distill {
namespace {

using torch::Tensor;
using Row = std::vector<double>;

constexpr std::int64_t kRows = 6, kClasses = 9;

Tensor random_logits(std::uint64_t seed, std::int64_t rows = kRows) {
  torch::manual_seed(seed);
  return torch::randn({rows, kClasses}, torch::kFloat64) * 3.0;
}

Row softmax(const Tensor& row, double temperature) {
  Row p;
  for (std::int64_t c = 0; c < row.size(0); ++c) p.push_back(std::exp(row[c].item<double>() / temperature));
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& x : p) x /= sum;
  return p;
}

double kl(const Row& a, const Row& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] == 0.0 ? 0.0 : a[i] * std::log(a[i] / b[i]);
  return sum;
}

double definition(Divergence kind, const Row& t, const Row& q, double beta) {
  if (kind == Divergence::kForwardKl) return kl(t, q);
  if (kind == Divergence::kReverseKl) return kl(q, t);
  Row m(t.size());
  for (std::size_t i = 0; i < m.size(); ++i) m[i] = beta * t[i] + (1.0 - beta) * q[i];
  return beta * kl(t, m) + (1.0 - beta) * kl(q, m);
}

// The listed entries and the rest as one group, each to the power 1/T, renormalised.
Row grouped(const Row& p, const Tensor& listed, double temperature) {
  Row groups;
  double rest = 1.0;
  for (std::int64_t i = 0; i < listed.size(0); ++i) {
    groups.push_back(p[static_cast<std::size_t>(listed[i].item<std::int64_t>())]);
    rest -= groups.back();
  }
  groups.push_back(rest);
  for (double& x : groups) x = std::pow(x, 1.0 / temperature);
  const double sum = std::accumulate(groups.begin(), groups.end(), 0.0);
  for (double& x : groups) x /= sum;
  return groups;
}

struct Case {
  Divergence kind;
  double temperature, beta;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << "kind " << static_cast<int>(c.kind) << " T " << c.temperature << " beta " << c.beta;
}

class Divergences : public testing::TestWithParam<Case> {
 protected:
  Tensor loss(const Tensor& student, const TeacherTargets& teacher) const {
    return divergence(GetParam().kind, student, teacher, GetParam().temperature, GetParam().beta);
  }
  double value(const Tensor& student, const TeacherTargets& teacher) const {
    return loss(student, teacher).item<double>();
  }
  double scale() const { return GetParam().temperature * GetParam().temperature; }
};

TEST_P(Divergences, EveryClassListedIsTheDenseDefinition) {
  const Tensor teacher = random_logits(1), student = random_logits(2);
  double expected = 0.0;
  for (std::int64_t r = 0; r < kRows; ++r) {
    expected += definition(GetParam().kind, softmax(teacher[r], GetParam().temperature),
                           softmax(student[r], GetParam().temperature), GetParam().beta);
  }
  EXPECT_NEAR(value(student, top_classes_of(teacher, kClasses)), expected / kRows * scale(), 1e-9);
}

TEST_P(Divergences, UnlistedClassesAreOneGroup) {
  const Tensor teacher = random_logits(3), student = random_logits(4);
  for (const std::int64_t k : {1, 3, 8}) {
    const TeacherTargets targets = top_classes_of(teacher, k);
    double expected = 0.0;
    for (std::int64_t r = 0; r < kRows; ++r) {
      const Tensor listed = targets.classes[r];
      expected += definition(GetParam().kind, grouped(softmax(teacher[r], 1.0), listed, GetParam().temperature),
                             grouped(softmax(student[r], 1.0), listed, GetParam().temperature), GetParam().beta);
    }
    EXPECT_NEAR(value(student, targets), expected / kRows * scale(), 1e-8) << "k = " << k;
  }
}

TEST_P(Divergences, GradientAgreesWithFiniteDifferences) {
  for (const std::int64_t k : {2, 9}) {
    const TeacherTargets targets = top_classes_of(random_logits(5, 3), k);
    test::expect_gradient([&](const Tensor& student) { return loss(student, targets); }, random_logits(6, 3), 1e-6);
  }
}

TEST_P(Divergences, IsZeroWithZeroGradientAtEqualityAndPositiveElsewhere) {
  for (const std::int64_t k : {3, 9}) {
    const Tensor student = random_logits(7).requires_grad_(true);
    const Tensor at_equality = loss(student, top_classes_of(student.detach(), k));
    at_equality.backward();
    EXPECT_NEAR(at_equality.item<double>(), 0.0, 1e-10);
    EXPECT_LT(student.grad().abs().max().item<double>(), 1e-8);
    for (std::uint64_t seed = 20; seed < 30; ++seed) {
      EXPECT_GT(value(random_logits(seed, 1), top_classes_of(random_logits(seed + 100, 1), k)), 1e-6);
    }
  }
}

TEST_P(Divergences, ShiftOfLogitsAndPermutationOfClassesChangeNothing) {
  const Tensor teacher = random_logits(8), student = random_logits(9);
  const TeacherTargets targets = top_classes_of(teacher, 4);
  const double before = value(student, targets);
  EXPECT_NEAR(value(student + random_logits(10).narrow(1, 0, 1) * 10.0, targets), before, 1e-10);
  const Tensor order = torch::randperm(kClasses);  // new position i holds old class order[i]
  const TeacherTargets moved{order.argsort().index_select(0, targets.classes.flatten()).view_as(targets.classes),
                             targets.probabilities};
  EXPECT_NEAR(value(student.index_select(1, order), moved), before, 1e-10);
  const Tensor columns = torch::tensor({2, 0, 3, 1});
  const TeacherTargets listed_otherwise{targets.classes.index_select(1, columns),
                                        targets.probabilities.index_select(1, columns)};
  EXPECT_NEAR(value(student, listed_otherwise), before, 1e-10);
}

TEST_P(Divergences, UnusedEntriesAndRowsWithoutATeacherDoNotCount) {
  const Tensor student = random_logits(11);
  const TeacherTargets four = top_classes_of(random_logits(12, kRows - 1), 4);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor no_class = torch::full({kRows - 1, 2}, -1, torch::kInt64),
               no_row = torch::full({1, 6}, -1, torch::kInt64);
  const TeacherTargets padded{
      torch::cat({torch::cat({no_class, four.classes}, 1), no_row}),
      torch::cat({torch::cat({torch::full({kRows - 1, 2}, nan, torch::kFloat64), four.probabilities}, 1),
                  torch::full({1, 6}, nan, torch::kFloat64)})};
  const Tensor point = student.clone().requires_grad_(true);
  const Tensor with_rest = loss(point, padded);
  with_rest.backward();
  EXPECT_NEAR(with_rest.item<double>(), value(student.narrow(0, 0, kRows - 1), four), 1e-12);
  EXPECT_EQ(point.grad()[kRows - 1].abs().max().item<double>(), 0.0);
  EXPECT_TRUE(point.grad().isfinite().all().item<bool>());
}

TEST_P(Divergences, WithoutAnyTeacherIsAnExactZeroThatStillDifferentiates) {
  const Tensor student = random_logits(13).requires_grad_(true);
  const Tensor zero =
      loss(student, {torch::full({kRows, 2}, -1, torch::kInt64), torch::zeros({kRows, 2}, torch::kFloat64)});
  zero.backward();
  EXPECT_EQ(zero.item<double>(), 0.0);
  EXPECT_EQ(student.grad().abs().max().item<double>(), 0.0);
}

TEST_P(Divergences, ExtremeLogitsAndProbabilitiesStayFiniteInFloat) {
  const float big = 1e9F;
  const std::vector<Tensor> students = {torch::tensor({{big, -big, 0.0F}}), torch::tensor({{-big, big, 0.0F}}),
                                        torch::tensor({{-big, -big, big}}), torch::tensor({{1e4F, 1e4F, -1e4F}})};
  const std::vector<TeacherTargets> teachers = {
      {torch::tensor({{0, 1, 2}}, torch::kInt64), torch::tensor({{1.0F, 0.0F, 0.0F}})},
      {torch::tensor({{0, 1, -1}}, torch::kInt64), torch::tensor({{1.0F, 0.0F, 0.0F}})},   // a tail of no mass
      {torch::tensor({{1, -1, -1}}, torch::kInt64), torch::tensor({{0.0F, 0.0F, 0.0F}})},  // all mass in the tail
      {torch::tensor({{1, 2, -1}}, torch::kInt64), torch::tensor({{1e-30F, 1e-38F, 0.0F}})},
      {torch::tensor({{0, 2, -1}}, torch::kInt64), torch::tensor({{0.7F, 0.4F, 0.0F}})}};  // a sum above 1
  for (const Tensor& logits : students) {
    for (const TeacherTargets& teacher : teachers) {
      const Tensor student = logits.clone().requires_grad_(true);
      const Tensor result = loss(student, teacher);
      result.backward();
      EXPECT_TRUE(result.isfinite().item<bool>()) << logits << teacher.probabilities;
      EXPECT_GT(result.item<float>(), -1e-5F);
      EXPECT_TRUE(student.grad().isfinite().all().item<bool>()) << logits << teacher.probabilities;
    }
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const double temperature : {0.5, 1.0, 2.0, 4.0}) {
    all.push_back({Divergence::kForwardKl, temperature, 0.0});
    all.push_back({Divergence::kReverseKl, temperature, 0.0});
    for (const double beta : {0.1, 0.5, 0.9}) all.push_back({Divergence::kJensenShannon, temperature, beta});
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Kinds, Divergences, testing::ValuesIn(cases()));

TEST(JensenShannon, TendsToBothKlsAfterScaling) {
  const Tensor student = random_logits(14);
  const TeacherTargets targets = top_classes_of(random_logits(15), 4);
  const double beta = 1e-7;
  const double forward = distillation_kl(student, targets, 2.0).item<double>();
  const double reverse = reverse_kl(student, targets, 2.0).item<double>();
  EXPECT_NEAR(jensen_shannon(student, targets, 2.0, beta).item<double>() / beta, forward, 1e-4 * forward);
  EXPECT_NEAR(jensen_shannon(student, targets, 2.0, 1.0 - beta).item<double>() / beta, reverse, 1e-4 * reverse);
}

TEST(JensenShannon, IsSymmetricAtOneHalfAndBoundedByTheEntropyOfBeta) {
  const Tensor a = random_logits(16), b = random_logits(17);
  EXPECT_NEAR(jensen_shannon(a, top_classes_of(b, kClasses), 1.0, 0.5).item<double>(),
              jensen_shannon(b, top_classes_of(a, kClasses), 1.0, 0.5).item<double>(), 1e-10);
  const Tensor apart = torch::tensor({{1e4, -1e4}}, torch::kFloat64);
  const TeacherTargets other{torch::tensor({{0, 1}}, torch::kInt64), torch::tensor({{0.0, 1.0}}, torch::kFloat64)};
  const double entropy = -0.3 * std::log(0.3) - 0.7 * std::log(0.7);
  EXPECT_NEAR(jensen_shannon(apart, other, 1.0, 0.3).item<double>(), entropy, 1e-12);
}

TEST(JensenShannon, RefusesTheEndsOfBeta) {
  const Tensor student = random_logits(18);
  const TeacherTargets targets = top_classes_of(student, 2);
  for (const double beta : {0.0, 1.0, -0.5, std::nan("")}) {
    EXPECT_THROW(jensen_shannon(student, targets, 1.0, beta), c10::Error) << beta;
  }
}

TEST(ReverseKl, ATeacherWithoutMassCostsWhatTheFloorSays) {
  // All of the student's mass lies on a class to which the teacher gives none.
  const Tensor student = torch::tensor({{1e4, -1e4}}, torch::kFloat64);
  const TeacherTargets other{torch::tensor({{0, 1}}, torch::kInt64), torch::tensor({{0.0, 1.0}}, torch::kFloat64)};
  EXPECT_NEAR(reverse_kl(student, other, 1.0).item<double>(), -std::log(kSmallestTeacherMass), 1e-9);
}

}  // namespace
}  // namespace noggin::distill
