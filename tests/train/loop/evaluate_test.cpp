#include "train/loop/evaluate.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/kernel_set.h"
#include "tests/support/tokenizer_tiny.h"
#include "tests/support/train_inputs.h"
#include "tests/support/train_quantized.h"
#include "train/compress/quantize_student.h"
#include "train/compress/quantized_forward.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

data::ExampleTable block_of(const test::Texts& texts, std::uint32_t classes) {
  data::ExampleTable block;
  block.classes = classes;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    data::Record record;
    record.text = std::to_string(i);
    record.label = static_cast<std::int32_t>(i % classes);
    block.append(record, texts[i]);
  }
  return block;
}

std::unique_ptr<const TaskReader> three_classes(std::int32_t none_class) {
  return value_or_throw(TaskReader::create({{"a", "b", "c"}, none_class}, tests::tiny_tokenizer(60), 16));
}

DatasetLogits logits_of(const ModelInputs& inputs, std::vector<float> values) {
  DatasetLogits logits = DatasetLogits::make(inputs, 3, false);
  logits.values = std::move(values);
  return logits;
}

TEST(Measure, CountsInScopeAndNoneRowsApart) {
  data::ExampleTable rows = block_of({{1}, {1}, {1}, {1}, {1}}, 3);
  rows.label = {0, 1, 2, -1, 2};
  const ModelInputs inputs = test::inputs_of(rows);
  const DatasetLogits logits = logits_of(inputs, {5, 0, 0,    // right
                                                  1, 1, 0,    // a tie goes to class 0: wrong
                                                  0, 0, 2,    // none, found
                                                  9, 9, 9,    // no label: does not count
                                                  0, 3, 0});  // none, missed
  const SetMetrics metrics = measure(*three_classes(2), rows, inputs, logits);
  EXPECT_DOUBLE_EQ(metrics.primary_metric, 0.5);
  EXPECT_EQ(metrics.in_scope_rows, 2U);
  EXPECT_EQ(metrics.none_rows, 2U);
  EXPECT_DOUBLE_EQ(metrics.accuracy, 0.5);
  EXPECT_DOUBLE_EQ(metrics.in_scope_accuracy, 0.5);
  EXPECT_DOUBLE_EQ(metrics.none_recall, 0.5);
  const double expected = std::log(std::exp(5.0) + 2) - 5 + std::log(2 * std::exp(1.0) + 1) - 1 +
                          std::log(std::exp(2.0) + 2) - 2 + std::log(std::exp(3.0) + 2);
  EXPECT_NEAR(metrics.cross_entropy, expected / 4, 1e-12);
}

TEST(Measure, WithoutLabelsEveryFigureIsZero) {
  data::ExampleTable rows = block_of({{1}}, 3);
  rows.label = {-1};
  const ModelInputs inputs = test::inputs_of(rows);
  const SetMetrics metrics = measure(*three_classes(-1), rows, inputs, logits_of(inputs, {1, 2, 3}));
  EXPECT_EQ(metrics.primary_metric, 0.0);
  EXPECT_EQ(metrics.accuracy, 0.0);
  EXPECT_EQ(metrics.cross_entropy, 0.0);
}

TEST(FloatLogits, KeepTheOrderOfTheRows) {
  const Student student = test::random_student(test::student_config(), 1);
  const test::Texts texts = test::random_texts(student.config, 300, 2);  // more than one batch
  const DatasetLogits logits = float_logits(student, test::inputs_of(block_of(texts, 5)));
  ASSERT_EQ(logits.values.size(), texts.size() * 5);
  FloatArithmetic arithmetic;
  for (const std::size_t i : {0U, 1U, 150U, 299U}) {
    const Tensor alone = forward(student, test::packed({texts[i]}), arithmetic)[0];
    const auto row = logits.sequence(i);
    EXPECT_LT(test::largest_difference(torch::tensor(std::vector<float>(row.begin(), row.end())), alone), 1e-5);
  }
}

TEST(QuantizedLogits, AreThoseOfTheExactForwardOnAnyNumberOfThreads) {
  const Student student = test::calibrated_student(test::student_config(), 1);
  const test::Texts texts = test::random_texts(student.config, 60, 2);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const DatasetLogits one = quantized_logits(student, test::inputs_of(block_of(texts, 5)));
  at::set_num_threads(3);
  const DatasetLogits three = quantized_logits(student, test::inputs_of(block_of(texts, 5)));
  at::set_num_threads(threads);
  EXPECT_EQ(one.values, three.values);
  const QuantizedStudent quantized(student.config, quantize_student(student));
  const auto row = one.sequence(17);
  EXPECT_EQ(std::vector<float>(row.begin(), row.end()), quantized.logits(texts[17], runtime::reference_kernels()));
}

}  // namespace
}  // namespace noggin::train
