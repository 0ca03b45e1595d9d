#include "export/verify/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/reference_kernels.h"
#include "tests/support/train_inputs.h"
#include "tests/support/train_verify_files.h"
#include "train/compress/quantize_student.h"

namespace noggin::exporter {
namespace {

const test::VerifyFiles& oracle_files() {
  static const test::VerifyFiles made;
  return made;
}

OracleResult oracle_with(const runtime::KernelSet& kernels) {
  const train::Student& student = oracle_files().bundle.student;
  const auto tensors = train::quantize_student(student);
  const train::QuantizedStudent quantized(student.config, tensors);
  return check_against_oracle(student.config, tensors, quantized, test::inputs_of(oracle_files().rows), 10, kernels);
}

TEST(Oracle, EveryKernelSetIsInsideItsTolerance) {
  for (const runtime::KernelSet* kernels : test::executable_kernels()) {
    const OracleResult result = oracle_with(*kernels);
    EXPECT_EQ(result.rows, 10U);
    EXPECT_EQ(result.violations, 0U) << kernels->name << ": " << result.worst_step;
    EXPECT_EQ(result.worst_step, "");
  }
}

TEST(Oracle, ChecksAStudentWithoutLayers) {
  const train::Student student = test::calibrated_student(test::static_student_config(), 6);
  const auto tensors = train::quantize_student(student);
  const OracleResult result =
      check_against_oracle(student.config, tensors, train::QuantizedStudent(student.config, tensors),
                           test::inputs_of(oracle_files().rows), 10, runtime::reference_kernels());
  EXPECT_EQ(result.rows, 10U);
  EXPECT_EQ(result.violations, 0U) << result.worst_step;
}

TEST(Oracle, ProjectsNarrowWords) {
  const train::Student student = test::calibrated_student(test::narrow_student_config(), 6);
  auto tensors = train::quantize_student(student);
  const auto oracle_of = [&](const train::QuantizedStudent& quantized) {
    return check_against_oracle(student.config, tensors, quantized, test::inputs_of(oracle_files().rows), 10,
                                runtime::reference_kernels());
  };
  const OracleResult right = oracle_of(train::QuantizedStudent(student.config, tensors));
  EXPECT_EQ(right.violations, 0U) << right.worst_step;
  auto bent = tensors;
  bent.at("embeddings.projection").floats.at(3) *= 1.01F;
  const OracleResult wrong = oracle_of(train::QuantizedStudent(student.config, bent));
  EXPECT_GT(wrong.violations, 0U);
  EXPECT_EQ(wrong.worst_step, "embeddings.norm");
}

// Deliberately wrong kernels: a little off, as a wrong formula would be.
void norm_with_an_offset(float* x, const float* residual, std::size_t rows, std::size_t width, const float* gamma,
                         const float* beta, float epsilon, float inverse_scale, std::int8_t* quantized,
                         std::size_t stride) {
  runtime::reference::add_layer_norm(x, residual, rows, width, gamma, beta, epsilon, inverse_scale, quantized, stride);
  for (std::size_t i = 0; i < rows * width; ++i) x[i] += 1e-4F;
}
void linear_without_its_last_bit(const spec::LinearView& weight, const std::int8_t* a, std::size_t stride,
                                 std::size_t rows, float* y) {
  runtime::reference::linear(weight, a, stride, rows, y);
  for (std::size_t i = 0; i < rows * weight.outputs; ++i) y[i] *= 1.00001F;
}
void attention_that_mixes_scales(const runtime::AttentionArguments& arguments) {
  runtime::AttentionArguments wrong = arguments;
  wrong.score_scale *= 1.5F;
  runtime::reference::attention(wrong);
}
void mean_over_one_token_less(const float* x, std::size_t tokens, std::size_t width, float* out) {
  runtime::reference::mean_pool(x, tokens - 1, width, out);
}

TEST(Oracle, FindsAWrongKernelAndNamesItsStep) {
  const auto with = [](auto member, auto* function) {
    runtime::KernelSet kernels = runtime::reference_kernels();
    kernels.*member = function;
    return oracle_with(kernels);
  };
  const OracleResult norm = with(&runtime::KernelSet::add_layer_norm, norm_with_an_offset);
  EXPECT_GT(norm.violations, 0U);
  EXPECT_EQ(norm.worst_step, "embeddings.norm");
  EXPECT_EQ(with(&runtime::KernelSet::linear, linear_without_its_last_bit).worst_step, "layers.0.attention.output");
  EXPECT_EQ(with(&runtime::KernelSet::attention, attention_that_mixes_scales).worst_step, "layers.0.attention.context");
  EXPECT_EQ(with(&runtime::KernelSet::mean_pool, mean_over_one_token_less).worst_step, "pooled");
}

}  // namespace
}  // namespace noggin::exporter
