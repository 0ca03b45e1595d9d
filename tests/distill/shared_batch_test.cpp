// A batch that processes share: with the counts of the whole batch, the losses and gradients of its parts add up to
// those of the whole, however unevenly the rows that count are divided.
#include <gtest/gtest.h>

#include <functional>

#include "distill/losses.h"
#include "tests/distill/teacher_targets.h"

namespace noggin::distill::shared_batch {
namespace {

using torch::Tensor;

constexpr std::int64_t kRows = 7, kClasses = 5;

struct Range {
  std::int64_t begin, count;
  Tensor of(const Tensor& rows) const { return rows.narrow(0, begin, count); }
};
constexpr Range kWhole{0, kRows};
constexpr Range kParts[] = {{0, 1}, {1, 4}, {5, 2}};

Tensor random(at::IntArrayRef shape, std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn(shape, torch::kFloat64);
}

// A loss of some rows of `student`; total: undefined, or the count of the whole batch.
using Loss = std::function<Tensor(const Tensor& student, const Range& rows, const Tensor& total)>;

void expect_parts_add_up(const Loss& loss, const Tensor& student, double counted) {
  const Tensor whole = student.detach().clone().requires_grad_(true);
  const Tensor expected = loss(kWhole.of(whole), kWhole, {});
  expected.backward();
  const Tensor divided = student.detach().clone().requires_grad_(true);
  const Tensor total = torch::tensor(counted, torch::kFloat64);
  double sum = 0.0;
  for (const Range& part : kParts) {
    const Tensor share = loss(part.of(divided), part, total);
    sum += share.item<double>();
    share.backward();
  }
  EXPECT_GT(expected.item<double>(), 1e-3);
  EXPECT_NEAR(sum, expected.item<double>(), 1e-12);
  EXPECT_LT((whole.grad() - divided.grad()).abs().max().item<double>(), 1e-12);
}

// The first part has no teacher, the second no gold.
TeacherTargets teacher() {
  TeacherTargets targets = top_classes_of(random({kRows, kClasses}, 1), 3);
  targets.classes[0].fill_(-1);
  targets.classes[6].fill_(-1);
  return targets;
}
constexpr double kTaught = 5.0, kGold = 3.0;
Tensor labels() { return torch::tensor({2, -1, -1, -1, -1, 4, 0}, torch::kInt64); }

TEST(SharedBatch, SharesOfTheLossesAgainstTheTeacherAddUp) {
  const TeacherTargets whole = teacher();
  const auto of = [&](const Range& rows) {
    return TeacherTargets{rows.of(whole.classes), rows.of(whole.probabilities)};
  };
  for (const Divergence kind : {Divergence::kForwardKl, Divergence::kReverseKl, Divergence::kJensenShannon}) {
    expect_parts_add_up([&](const Tensor& logits, const Range& rows,
                            const Tensor& total) { return divergence(kind, logits, of(rows), 2.0, 0.3, total); },
                        random({kRows, kClasses}, 2), kTaught);
  }
  expect_parts_add_up([&](const Tensor& logits, const Range& rows,
                          const Tensor& total) { return binary_kl(logits, of(rows), 2.0, total); },
                      random({kRows, kClasses}, 3), kTaught);
}

TEST(SharedBatch, SharesOfTheLossesWithGoldAddUp) {
  expect_parts_add_up([](const Tensor& logits, const Range& rows,
                         const Tensor& total) { return gold_cross_entropy(logits, rows.of(labels()), 0.1, total); },
                      random({kRows, kClasses}, 4), kGold);
  const Tensor values = random({kRows, kClasses}, 5).sigmoid();
  expect_parts_add_up(
      [&](const Tensor& logits, const Range& rows, const Tensor& total) {
        return binary_cross_entropy(logits, rows.of(values), rows.of(labels()), total);
      },
      random({kRows, kClasses}, 6), kGold);
}

// Texts of 4, 1, 3, ... tokens, padded to 4.
Tensor real_tokens() {
  Tensor real = torch::zeros({kRows, 4}, torch::kFloat64);
  for (std::int64_t b = 0; b < kRows; ++b) real[b].narrow(0, 0, 1 + (3 + 5 * b) % 4).fill_(1.0);
  return real;
}

TEST(SharedBatch, SharesOfTheLossesAgainstALiveTeacherAddUp) {
  const Tensor real = real_tokens();
  const Tensor hidden = random({kRows, 6}, 7);
  expect_parts_add_up(
      [&](const Tensor& student, const Range& rows, const Tensor& total) {
        return hidden_state_loss(student, rows.of(hidden), {}, rows.of(real).select(1, 1), total);
      },
      random({kRows, 6}, 8), real.select(1, 1).sum().item<double>());
  const Tensor maps = random({kRows, 2, 4, 4}, 9);
  expect_parts_add_up(
      [&](const Tensor& student, const Range& rows, const Tensor& total) {
        return attention_map_loss(student, rows.of(maps), rows.of(real), total);
      },
      random({kRows, 2, 4, 4}, 10), kRows);
  const Tensor vectors = random({kRows, 4, 6}, 11);
  expect_parts_add_up(
      [&](const Tensor& student, const Range& rows, const Tensor& total) {
        const Tensor its = rows.of(vectors);
        return relation_loss({student, student}, {its, its}, 2, rows.of(real), total);
      },
      random({kRows, 4, 6}, 12), real.sum().item<double>());
}

}  // namespace
}  // namespace noggin::distill::shared_batch
