#include "distill/representation_losses.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/distill/gradient_check.h"

namespace noggin::distill {
namespace {

using torch::Tensor;

constexpr std::int64_t kTexts = 3, kTokens = 4;

Tensor random(at::IntArrayRef shape, std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn(shape, torch::kFloat64);
}

// Texts of 4, 2 and 1 tokens.
const std::vector<std::int64_t> kLengths = {4, 2, 1};
Tensor real_tokens() {
  Tensor real = torch::zeros({kTexts, kTokens}, torch::kFloat64);
  for (std::int64_t b = 0; b < kTexts; ++b) real[b].narrow(0, 0, kLengths[static_cast<std::size_t>(b)]).fill_(1.0);
  return real;
}

double at(const Tensor& tensor, std::int64_t i, std::int64_t j, std::int64_t k) {
  return tensor[i][j][k].item<double>();
}

// softmax over real j of left_i . right_j / sqrt(W), straight from the definition.
std::vector<double> relation(const RelationVectors& vectors, std::int64_t text, std::int64_t i, std::int64_t head,
                             std::int64_t heads) {
  const std::int64_t width = vectors.left.size(2) / heads, first = head * width;
  std::vector<double> row;
  double sum = 0.0;
  for (std::int64_t j = 0; j < kLengths[static_cast<std::size_t>(text)]; ++j) {
    double dot = 0.0;
    for (std::int64_t d = first; d < first + width; ++d)
      dot += at(vectors.left, text, i, d) * at(vectors.right, text, j, d);
    sum += row.emplace_back(std::exp(dot / std::sqrt(static_cast<double>(width))));
  }
  for (double& x : row) x /= sum;
  return row;
}

double dense_relation_loss(const RelationVectors& student, const RelationVectors& teacher, std::int64_t heads) {
  double sum = 0.0, rows = 0.0;
  for (std::int64_t b = 0; b < kTexts; ++b) {
    for (std::int64_t i = 0; i < kLengths[static_cast<std::size_t>(b)]; ++i) {
      rows += 1.0;
      for (std::int64_t head = 0; head < heads; ++head) {
        const auto t = relation(teacher, b, i, head, heads), q = relation(student, b, i, head, heads);
        for (std::size_t j = 0; j < t.size(); ++j) sum += t[j] * std::log(t[j] / q[j]) / static_cast<double>(heads);
      }
    }
  }
  return sum / rows;
}

TEST(RelationLoss, IsTheDefinitionForAnyTwoWidths) {
  const RelationVectors student{random({kTexts, kTokens, 6}, 1), random({kTexts, kTokens, 6}, 2)};
  const RelationVectors teacher{random({kTexts, kTokens, 12}, 3), random({kTexts, kTokens, 12}, 4)};
  for (const std::int64_t heads : {1, 2, 3, 6}) {
    EXPECT_NEAR(relation_loss(student, teacher, heads, real_tokens()).item<double>(),
                dense_relation_loss(student, teacher, heads), 1e-10);
  }
  const RelationVectors values{student.left, student.left}, teacher_values{teacher.left, teacher.left};
  EXPECT_NEAR(relation_loss(values, teacher_values, 3, real_tokens()).item<double>(),
              dense_relation_loss(values, teacher_values, 3), 1e-10);
}

TEST(RelationLoss, IsZeroAtEqualityAndPositiveElsewhere) {
  const RelationVectors same{random({kTexts, kTokens, 6}, 5), random({kTexts, kTokens, 6}, 6)};
  EXPECT_NEAR(relation_loss(same, same, 2, real_tokens()).item<double>(), 0.0, 1e-12);
  EXPECT_GT(relation_loss({same.right, same.left}, same, 2, real_tokens()).item<double>(), 1e-3);
}

TEST(RelationLoss, OnlyDotProductsMatter) {
  // Turning the vectors of a head turns no dot product: the teacher's basis is not asked for.
  const Tensor turn = std::get<0>(torch::linalg_qr(random({6, 6}, 7)));
  const RelationVectors student{random({kTexts, kTokens, 6}, 8), random({kTexts, kTokens, 6}, 9)};
  const RelationVectors teacher{random({kTexts, kTokens, 6}, 10), random({kTexts, kTokens, 6}, 11)};
  const RelationVectors turned{torch::matmul(student.left, turn), torch::matmul(student.right, turn)};
  EXPECT_NEAR(relation_loss(turned, teacher, 1, real_tokens()).item<double>(),
              relation_loss(student, teacher, 1, real_tokens()).item<double>(), 1e-10);
}

TEST(RelationLoss, PaddingMayHoldAnything) {
  const Tensor real = real_tokens(), padding = (real == 0).unsqueeze(2);
  const RelationVectors teacher{random({kTexts, kTokens, 6}, 12), random({kTexts, kTokens, 6}, 13)};
  const Tensor values = random({kTexts, kTokens, 6}, 14);
  const double expected = relation_loss({values, values}, teacher, 2, real).item<double>();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double junk : {1e6, nan}) {
    const Tensor point = values.masked_fill(padding, junk).requires_grad_(true);
    const RelationVectors dirty{teacher.left.masked_fill(padding, junk), teacher.right.masked_fill(padding, junk)};
    const Tensor loss = relation_loss({point, point}, dirty, 2, real);
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), expected, 1e-12);
    EXPECT_TRUE(point.grad().isfinite().all().item<bool>());
    EXPECT_EQ(point.grad().masked_select(padding).abs().max().item<double>(), 0.0);
  }
}

TEST(RelationLoss, GradientAgreesWithFiniteDifferences) {
  const RelationVectors teacher{random({kTexts, kTokens, 4}, 15), random({kTexts, kTokens, 4}, 16)};
  const Tensor keys = random({kTexts, kTokens, 4}, 17);
  test::expect_gradient([&](const Tensor& q) { return relation_loss({q, keys}, teacher, 2, real_tokens()); },
                        random({kTexts, kTokens, 4}, 18));
}

TEST(RelationLoss, ExtremeVectorsStayFiniteInFloatAndNoTokenIsZero) {
  const Tensor big = random({kTexts, kTokens, 4}, 19).to(torch::kFloat32) * 1e6, point = (-big).requires_grad_(true);
  const Tensor loss = relation_loss({point, point.detach() * -1.0}, {big, big}, 2, real_tokens());
  loss.backward();
  EXPECT_TRUE(loss.isfinite().item<bool>());
  EXPECT_TRUE(point.grad().isfinite().all().item<bool>());
  EXPECT_EQ(relation_loss({big, big}, {-big, big}, 2, torch::zeros({kTexts, kTokens})).item<float>(), 0.0F);
}

TEST(RelationLoss, RefusesHeadsThatDoNotDivide) {
  const Tensor six = random({kTexts, kTokens, 6}, 20), eight = random({kTexts, kTokens, 8}, 21);
  EXPECT_THROW(relation_loss({six, six}, {eight, eight}, 3, real_tokens()), c10::Error);
  EXPECT_THROW(relation_loss({six, six}, {six, six}, 0, real_tokens()), c10::Error);
}

TEST(AttentionMapLoss, IsTheMeanOverRealPairsOfATextThenOverTexts) {
  const Tensor student = random({kTexts, 2, kTokens, kTokens}, 22), teacher = random({kTexts, 2, kTokens, kTokens}, 23);
  double expected = 0.0;
  for (std::int64_t b = 0; b < kTexts; ++b) {
    const std::int64_t n = kLengths[static_cast<std::size_t>(b)];
    for (std::int64_t head = 0; head < 2; ++head) {
      for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
          const double difference = at(student[b], head, i, j) - at(teacher[b], head, i, j);
          expected += difference * difference / static_cast<double>(n * n * 2 * kTexts);
        }
      }
    }
  }
  EXPECT_NEAR(attention_map_loss(student, teacher, real_tokens()).item<double>(), expected, 1e-12);
  EXPECT_EQ(attention_map_loss(teacher, teacher, real_tokens()).item<double>(), 0.0);
  test::expect_gradient([&](const Tensor& z) { return attention_map_loss(z, teacher, real_tokens()); }, student);
}

TEST(AttentionMapLoss, PaddingMayHoldMinusInfinityAndEmptyTextsDoNotCount) {
  const Tensor student = random({kTexts, 2, kTokens, kTokens}, 24), teacher = random({kTexts, 2, kTokens, kTokens}, 25);
  const Tensor real = real_tokens(), keys = (real == 0).unsqueeze(1).unsqueeze(1);
  const double infinity = std::numeric_limits<double>::infinity();
  const Tensor point = student.masked_fill(keys, -infinity).requires_grad_(true);
  const Tensor loss = attention_map_loss(point, teacher.masked_fill(keys, -infinity), real);
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), attention_map_loss(student, teacher, real).item<double>(), 1e-12);
  EXPECT_TRUE(point.grad().isfinite().all().item<bool>());
  Tensor without_last = real.clone();
  without_last[2].fill_(0.0);
  EXPECT_NEAR(attention_map_loss(student, teacher, without_last).item<double>(),
              attention_map_loss(student.narrow(0, 0, 2), teacher.narrow(0, 0, 2), real.narrow(0, 0, 2)).item<double>(),
              1e-12);
}

TEST(HiddenStateLoss, IsTheMeanSquareThroughTheProjection) {
  const Tensor student = random({4, 3}, 26), teacher = random({4, 5}, 27), projection = random({3, 5}, 28);
  const Tensor counts = torch::tensor({1.0, 0.0, 1.0, 1.0}, torch::kFloat64);
  double expected = 0.0;
  for (const std::int64_t n : {0, 2, 3}) {
    for (std::int64_t e = 0; e < 5; ++e) {
      double projected = 0.0;
      for (std::int64_t d = 0; d < 3; ++d) projected += student[n][d].item<double>() * projection[d][e].item<double>();
      expected += std::pow(projected - teacher[n][e].item<double>(), 2.0) / 15.0;
    }
  }
  EXPECT_NEAR(hidden_state_loss(student, teacher, projection, counts).item<double>(), expected, 1e-12);
  test::expect_gradient([&](const Tensor& h) { return hidden_state_loss(h, teacher, projection, counts); }, student);
  test::expect_gradient([&](const Tensor& w) { return hidden_state_loss(student, teacher, w, counts); }, projection);
}

TEST(HiddenStateLoss, WithoutProjectionAndWithoutTokens) {
  const Tensor teacher = random({4, 3}, 29), counts = torch::ones({4}, torch::kFloat64);
  EXPECT_EQ(hidden_state_loss(teacher, teacher, Tensor(), counts).item<double>(), 0.0);
  EXPECT_NEAR(hidden_state_loss(teacher + 2.0, teacher, Tensor(), counts).item<double>(), 4.0, 1e-12);
  const Tensor junk =
      torch::full({4, 3}, std::numeric_limits<double>::quiet_NaN(), torch::kFloat64).requires_grad_(true);
  const Tensor none = hidden_state_loss(junk, teacher, Tensor(), counts * 0.0);
  none.backward();
  EXPECT_EQ(none.item<double>(), 0.0);
  EXPECT_EQ(junk.grad().abs().max().item<double>(), 0.0);
}

}  // namespace
}  // namespace noggin::distill
