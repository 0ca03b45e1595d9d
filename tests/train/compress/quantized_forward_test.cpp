#include "train/compress/quantized_forward.h"

#include <gtest/gtest.h>

#include "kernels/float_environment.h"
#include "tests/support/train_quantized.h"
#include "train/compress/quantize_student.h"
#include "train/compress/quantized_arithmetic.h"

namespace noggin::train {
namespace {

using test::Texts;

Tensor exact_logits(const Student& student, const Texts& texts, const runtime::KernelSet& kernels) {
  const runtime::FloatEnvironment environment;
  const QuantizedStudent quantized(student.config, quantize_student(student));
  std::vector<Tensor> rows;
  for (const auto& text : texts) rows.push_back(torch::tensor(quantized.logits(text, kernels)));
  return torch::stack(rows);
}

class EveryKind : public testing::TestWithParam<spec::ModelConfig> {};
INSTANTIATE_TEST_SUITE_P(QuantizedForward, EveryKind,
                         testing::Values(test::student_config(), test::student_config(spec::Pooling::kFirstToken),
                                         test::narrow_student_config(), test::static_student_config(),
                                         test::int4_words(test::student_config()),
                                         test::int4_words(test::static_student_config()),
                                         test::int4_words(test::narrow_student_config()), test::int4_layers_config(),
                                         test::int4_words(test::int4_layers_config(spec::Pooling::kFirstToken))));

TEST_P(EveryKind, EveryKernelSetGivesTheSameBits) {
  const Student student = test::calibrated_student(GetParam(), 2);
  const Texts texts = test::random_texts(student.config, 40, 3);
  const Tensor expected = exact_logits(student, texts, runtime::reference_kernels());
  for (const runtime::KernelSet* kernels : test::executable_kernels()) {
    EXPECT_TRUE(torch::equal(exact_logits(student, texts, *kernels), expected)) << kernels->name;
  }
}

// What QAT trains and what is evaluated are one function, but for values that fall on a rounding border (the training
// forward uses ATen's exp, erf and norms): a step more or less of an int8 value here and there, which moves a logit of
// size 1 by hundredths at most, and the mean hardly at all beside what quantization itself does.
TEST_P(EveryKind, TheTrainingForwardIsTheSameFunctionUpToRoundingBorders) {
  torch::NoGradGuard no_grad;
  const Student student = test::calibrated_student(GetParam(), 2);
  const Texts texts = test::random_texts(student.config, 200, 3);
  const Tensor exact = exact_logits(student, texts, runtime::reference_kernels());
  QuantizedArithmetic training;
  FloatArithmetic plain;
  const Tensor trained = forward(student, test::packed(texts), training);
  const Tensor unquantized = forward(student, test::packed(texts), plain);
  const double training_distance = (trained - exact).abs().mean().item<double>();
  const double quantization_distance = (unquantized - exact).abs().mean().item<double>();
  EXPECT_LT(training_distance, 0.02 * quantization_distance);
  EXPECT_LT(test::largest_difference(trained, exact), 0.05) << "logits are of size 1";
  EXPECT_GT(quantization_distance, 1e-3) << "nothing was quantized";
  const bool int4 = GetParam().encoder.word_type == spec::WeightType::kInt4 || spec::has_int4_layers(GetParam());
  EXPECT_LT(quantization_distance, int4 ? 1.0 : 0.1);
}

TEST(QuantizedForward, ReportsItsStepsInTheOrderOfTheTraceContract) {
  const Student student = test::calibrated_student(test::student_config(), 2);
  const QuantizedStudent quantized(student.config, quantize_student(student));
  test::StepNames names;
  quantized.logits(std::vector<std::uint32_t>{1, 2, 3}, runtime::reference_kernels(), &names);
  const std::vector<std::string> expected = {"embeddings.norm float 3x20",
                                             "layers.0.attention.input int8 3x20",
                                             "layers.0.attention.qkv int8 3x45",
                                             "layers.0.attention.context int8 3x15",
                                             "layers.0.attention.output float 3x20",
                                             "layers.0.attention.norm float 3x20",
                                             "layers.0.ffn.input int8 3x20",
                                             "layers.0.ffn.hidden int8 3x26",
                                             "layers.0.ffn.down float 3x20",
                                             "layers.0.ffn.norm float 3x20",
                                             "layers.1.attention.input int8 3x20",
                                             "layers.1.attention.qkv int8 3x30",
                                             "layers.1.attention.context int8 3x10",
                                             "layers.1.attention.output float 3x20",
                                             "layers.1.attention.norm float 3x20",
                                             "layers.1.ffn.input int8 3x20",
                                             "layers.1.ffn.hidden int8 3x19",
                                             "layers.1.ffn.down float 3x20",
                                             "layers.1.ffn.norm float 3x20",
                                             "pooled float 1x20",
                                             "head.input int8 1x20",
                                             "head.classifier float 1x5"};
  EXPECT_EQ(names.steps, expected);
}

}  // namespace
}  // namespace noggin::train
