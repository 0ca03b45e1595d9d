#include "train/compress/mixed_bits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/train_quantized.h"
#include "train/compress/quantized_arithmetic.h"

namespace noggin::train {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(const std::vector<Widening>& widenings) {
  std::vector<std::string> names;
  for (const Widening& one : widenings) names.push_back(one.name);
  return names;
}

Widening widening(const char* name, std::uint64_t bytes, double loss_saved) {
  return {.name = name, .bytes = bytes, .loss_saved = loss_saved};
}

TEST(MixedBits, MostLossPerByteFirstAndWhatDoesNotFitIsPassedOver) {
  const std::vector<Widening> measured = {widening("dear", 100, 0.5), widening("worse", 10, -0.1),
                                          widening("cheap", 10, 0.2), widening("small", 20, 0.01)};
  EXPECT_THAT(names_of(best_widenings(measured, 1000)), ElementsAre("cheap", "dear", "small"));
  EXPECT_THAT(names_of(best_widenings(measured, 109)), ElementsAre("cheap", "small"));
  EXPECT_THAT(names_of(best_widenings(measured, 9)), ElementsAre());
}

// Every int4 matrix by itself, against its distance from the float student; afterwards the student is as before.
TEST(MixedBits, MeasuresEveryMatrixOfFourBitsAlone) {
  torch::NoGradGuard no_grad;
  Student student = test::calibrated_student(test::int4_layers_config(), 2);
  const spec::ModelConfig before = student.config;
  const PackedBatch batch = test::packed(test::random_texts(before, 100, 3));
  FloatArithmetic plain;
  const Tensor wanted = forward(student, batch, plain);
  int calls = 0;
  const auto loss = [&](const Student& one) {
    ++calls;
    QuantizedArithmetic arithmetic;
    return (forward(one, batch, arithmetic) - wanted).square().mean().item<double>();
  };
  const std::vector<Widening> measured = measured_widenings(student, loss);
  ASSERT_EQ(measured.size(), 7U) << "one of the eight has eight bits already";
  EXPECT_EQ(calls, 8);
  EXPECT_EQ(student.config, before);
  for (const Widening& one : measured) EXPECT_GT(one.bytes, 0U) << one.name;
  const double four_bits = loss(student);
  const std::vector<Widening> best = best_widenings(measured, 1U << 20U);
  ASSERT_GE(best.size(), 4U) << "eight bits are nearer to the float student";
  for (const Widening& one : best) widen(student, one);
  EXPECT_LT(loss(student), 0.7 * four_bits);
}

}  // namespace
}  // namespace noggin::train
