#include "train/pretrained/static_start.h"

#include <gtest/gtest.h>

#include "tests/support/train_students.h"

namespace noggin::train {
namespace {

constexpr std::int64_t kPieces = 90;  // of static_student_config

runtime::TokenizerContents tokenizer() { return test::random_tokenizer(kPieces); }  // special pieces: 0 to 3

Tensor words(std::int64_t width) {
  torch::manual_seed(5);
  return torch::randn({kPieces, width});
}

double length(const Student& student, std::int64_t piece) { return student.word[piece].norm().item<double>(); }

TEST(StaticStart, FrequentWordsTellLittleAndSpecialPiecesNothing) {
  Student student = make_student(test::static_student_config(), 0.02, 1);
  Tensor counts = torch::zeros({kPieces}, torch::kInt64);
  counts[2] = 100000;  // [CLS]: of no weight among the others
  counts[50] = 999;
  counts[51] = 1;
  Tensor rows = words(24);
  rows[51] = rows[50];
  start_static(rows, counts, tokenizer(), student);
  // a / (a + p) with p = 0.999 and 0.001
  EXPECT_NEAR(length(student, 50) / length(student, 51), (1e-3 / 1.0) / (1e-3 / 2e-3), 1e-4);
  for (const std::int64_t special : {0, 1, 2, 3}) EXPECT_EQ(length(student, special), 0.0) << special;
  EXPECT_EQ(student.position.abs().max().item<float>(), 0.0F);
}

TEST(StaticStart, KeepsWhichWordsAreAlike) {
  Student student = make_student(test::static_student_config(), 0.02, 1);
  Tensor rows = torch::zeros({kPieces, 40});
  rows.slice(1, 0, 3) = words(3);  // three directions only: twenty columns hold them all
  start_static(rows, torch::zeros({kPieces}, torch::kInt64), tokenizer(), student);
  const auto distance = [](const Tensor& table, std::int64_t a, std::int64_t b) {
    return (table[a] - table[b]).norm().item<double>();
  };
  const double scale = distance(student.word, 10, 11) / distance(rows, 10, 11);
  for (std::int64_t piece = 12; piece < 30; ++piece)
    EXPECT_NEAR(distance(student.word, 10, piece) / distance(rows, 10, piece), scale, 1e-4 * scale) << piece;
}

// The norm is nearly linear at the size of the rows: twice the row, twice the feature.
TEST(StaticStart, TheNormKeepsLengths) {
  spec::ModelConfig config = test::static_student_config();
  config.encoder.layer_norm_epsilon = kStaticEpsilon;
  Student student = make_student(config, 0.02, 1);
  start_static(words(24), torch::zeros({kPieces}, torch::kInt64), tokenizer(), student);
  const auto feature = [&](double times) {
    const Tensor row = student.word[40] * times;
    return torch::layer_norm(row, {row.size(0)}, student.embedding_norm.gamma, student.embedding_norm.beta,
                             config.encoder.layer_norm_epsilon);
  };
  EXPECT_LT(((feature(2.0) - 2.0 * feature(1.0)).norm() / feature(2.0).norm()).item<double>(), 0.06);
  EXPECT_NEAR(feature(1.0).square().mean().sqrt().item<double>(), 10.0, 5.0);
}

TEST(StaticStart, WithoutWordsRowsAreRandomAndOfTheSameSize) {
  Student student = make_student(test::static_student_config(), 0.02, 1);
  start_static({}, torch::zeros({kPieces}, torch::kInt64), tokenizer(), student);
  EXPECT_NEAR(student.word.slice(0, 4).square().mean().sqrt().item<double>(), 0.1, 0.01);
}

}  // namespace
}  // namespace noggin::train
