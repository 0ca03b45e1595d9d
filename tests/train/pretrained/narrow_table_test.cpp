#include "train/pretrained/narrow_table.h"

#include <gtest/gtest.h>

#include "tests/support/train_students.h"

namespace noggin::train {
namespace {

double error_of(const NarrowTable& table, const torch::Tensor& words) {
  return (table.rows.matmul(table.projection.t()) + table.mean - words).square().sum().item<double>();
}

TEST(NarrowTable, ATableOfThatRankComesBack) {
  test::Random random(1);
  const torch::Tensor words =
      test::random_tensor({50, 3}, random, -1.0F, 1.0F).matmul(test::random_tensor({3, 12}, random, -1.0F, 1.0F)) +
      test::random_tensor({12}, random, 2.0F, 3.0F);
  const NarrowTable table = narrow_table(words, 3);
  EXPECT_EQ(table.rows.sizes(), (std::vector<std::int64_t>{50, 3}));
  EXPECT_LT(error_of(table, words), 1e-8);
  EXPECT_LT(test::largest_difference(table.projection.t().matmul(table.projection), torch::eye(3)), 1e-6);
  EXPECT_GT(error_of(narrow_table(words, 2), words), 1.0);
}

// Against many others of the same width.
TEST(NarrowTable, NoOtherDirectionsLeaveLess) {
  test::Random random(2);
  const torch::Tensor words = test::random_tensor({80, 10}, random, -1.0F, 1.0F) * torch::arange(1, 11);
  const double least = error_of(narrow_table(words, 4), words);
  for (int i = 0; i < 50; ++i) {
    const torch::Tensor directions = std::get<0>(torch::linalg_qr(test::random_tensor({10, 4}, random, -1.0F, 1.0F)));
    const torch::Tensor centred = words - words.mean(0);
    EXPECT_GT(error_of({centred.matmul(directions), directions, words.mean(0)}, words), least);
  }
}

TEST(NarrowTable, WordsOfMoreWeightAreNearer) {
  test::Random random(4);
  const torch::Tensor words = test::random_tensor({60, 10}, random, -1.0F, 1.0F);
  const torch::Tensor often = torch::ones({60});
  often.slice(0, 0, 6) = 50.0;
  const auto error_of_some = [&](const NarrowTable& table, std::int64_t begin, std::int64_t end) {
    return (table.rows.matmul(table.projection.t()) + table.mean - words)
        .slice(0, begin, end)
        .square()
        .sum()
        .item<double>();
  };
  const NarrowTable alike = narrow_table(words, 4), weighted = narrow_table(words, 4, often);
  EXPECT_LT(error_of_some(weighted, 0, 6), 0.5 * error_of_some(alike, 0, 6));
  EXPECT_GT(error_of_some(weighted, 6, 60), error_of_some(alike, 6, 60));
  const NarrowTable same = narrow_table(words, 4, torch::full({60}, 3.0));
  EXPECT_LT(test::largest_difference(same.rows, alike.rows), 1e-5);
}

// Rows that lie in a space of three: the narrow student answers as the wide one does, and so does one narrowed twice.
TEST(NarrowTable, AStudentAnswersAsBefore) {
  Student student = test::random_student(test::student_config(), 1);
  test::Random random(5);
  student.word =
      test::random_tensor({90, 3}, random, -1.0F, 1.0F).matmul(test::random_tensor({3, 20}, random, -1.0F, 1.0F));
  const Student narrow = with_narrow_words(student, 8, {});
  const Student narrower = with_narrow_words(narrow, 3, torch::arange(90));
  EXPECT_EQ(narrower.config.encoder.embedding_width, 3U);
  EXPECT_EQ(student.config.encoder.embedding_width, 0U);
  const PackedBatch batch = test::packed(test::random_texts(student.config, 20, 2));
  FloatArithmetic arithmetic;
  const torch::Tensor before = forward(student, batch, arithmetic);
  EXPECT_LT(test::largest_difference(forward(narrow, batch, arithmetic), before), 1e-4);
  EXPECT_LT(test::largest_difference(forward(narrower, batch, arithmetic), before), 1e-4);
}

TEST(NarrowTable, FewerWordsThanColumns) {
  test::Random random(3);
  const torch::Tensor words = test::random_tensor({4, 9}, random, -1.0F, 1.0F);
  EXPECT_LT(error_of(narrow_table(words, 8), words), 1e-9);
}

}  // namespace
}  // namespace noggin::train
