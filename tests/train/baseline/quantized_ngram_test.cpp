// The baseline's file: the trainer's forward and the device's, bit for bit, and what quantizing and choosing cost.
#include "train/baseline/quantized_ngram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "data/demo/demo_grammar.h"
#include "format/writer.h"
#include "kernels/float_environment.h"
#include "noggin/engine.h"
#include "tests/support/format_aligned_bytes.h"
#include "tokenizer/ngram_tokenizer.h"

namespace noggin::train {
namespace {

data::ExampleTable demo_rows(std::uint64_t first, std::uint64_t count) {
  data::ExampleTable rows;
  rows.classes = static_cast<std::uint32_t>(data::demo_labels().size());
  rows.top_k = 1;
  for (std::uint64_t i = first; i < first + count; ++i) {
    data::DemoRandom random(11, i);
    const data::DemoText text = data::draw_demo_text(random);
    data::Record record;
    record.text = text.text;
    record.label = text.label;
    rows.append(record, {});
  }
  return rows;
}

format::TaskContents demo_task() {
  format::TaskContents task;
  for (const auto& label : data::demo_labels()) task.labels.emplace_back(label);
  return task;
}

LinearNgram demo_model(std::uint32_t max_features = 0) {
  LinearNgramOptions options;
  options.epochs = 4;
  options.max_features = max_features;
  return LinearNgram::train(demo_rows(0, 1500), options);
}

struct OpenFile {
  test::AlignedBytes bytes;
  Model model;
};
OpenFile open(format::FrozenModel frozen) {
  frozen.provenance = "{}";
  auto file = format::serialize(frozen, *runtime::serialize_ngrams(frozen.ngrams));
  EXPECT_TRUE(file) << (file ? "" : file.error().message);
  test::AlignedBytes bytes(*std::move(file));
  auto model = Model::from_memory(bytes.span());
  EXPECT_TRUE(model) << (model ? "" : model.error().message);
  return {std::move(bytes), *std::move(model)};
}

std::vector<std::string> hostile_texts() {
  std::string very_long;
  for (int i = 0; i < 20000; ++i) very_long += "where is my refund ";
  return {"",
          " ",
          "zqzqzq \xF0\x9F\x98\x80",
          "\xFF\xC3\x80 refund \x80\x80",
          std::string("a\0refund", 8),
          very_long,
          std::string(100000, 'a'),
          std::string(5000, '\x80')};
}

TEST(QuantizedNgram, GoldenVectorsOfADamagedModelAreAnError) {
  format::FrozenModel frozen = freeze(demo_model(), demo_task());
  frozen.ngrams.buckets = {};
  EXPECT_FALSE(add_golden_vectors(frozen, {"where is my parcel"}));
  EXPECT_TRUE(frozen.golden.empty());
}

TEST(QuantizedNgram, TrainerAndDeviceGiveTheSameBits) {
  const runtime::FloatEnvironment environment;
  format::FrozenModel frozen = freeze(demo_model(), demo_task());
  std::vector<std::string> texts = hostile_texts();
  const data::ExampleTable rows = demo_rows(5000, 1000);
  for (std::size_t i = 0; i < rows.rows(); ++i) texts.emplace_back(rows.text_of(i));
  const QuantizedNgram trainer(frozen.config, frozen.tensors);
  ASSERT_TRUE(add_golden_vectors(frozen, hostile_texts()));
  std::erase_if(frozen.golden, [](const format::GoldenVector& golden) { return golden.text.size() > 65536; });
  const OpenFile file = open(frozen);
  for (const char* kernels : {"reference", ""}) {
    Session session = *Session::create(file.model, kernels);
    EXPECT_EQ(session.self_test().failed, 0U) << session.self_test().first_failure;
    EXPECT_GE(session.self_test().checked, 6U);
    for (const std::string& text : texts) {
      ASSERT_TRUE(session.classify(text));
      const std::vector<float> expected = trainer.logits(session.tokenize(text));
      const std::span<const float> found = session.last_logits();
      ASSERT_EQ(expected.size(), found.size());
      EXPECT_EQ(std::memcmp(expected.data(), found.data(), found.size_bytes()), 0) << text.substr(0, 50);
    }
  }
}

TEST(QuantizedNgram, AnswersAsTheFloatModelDoes) {
  const LinearNgram model = demo_model();
  const OpenFile file = open(freeze(model, demo_task()));
  Session session = *Session::create(file.model);
  const data::ExampleTable rows = demo_rows(5000, 1000);
  int same = 0;
  double worst = 0.0;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const std::vector<float> expected = model.logits(rows.text_of(i));
    same += static_cast<int>(session.classify(rows.text_of(i))->label) == model.predict(rows.text_of(i));
    for (std::size_t c = 0; c < expected.size(); ++c) {
      worst = std::max(worst, std::abs(double{expected[c]} - double{session.last_logits()[c]}));
    }
  }
  EXPECT_GE(same, 990);
  EXPECT_LT(worst, 0.2);
  EXPECT_GT(worst, 0.0);  // it is quantized
}

TEST(QuantizedNgram, KeepsAsManyFeaturesAsItMay) {
  const LinearNgram all = demo_model(), few = demo_model(1000);
  EXPECT_GT(all.features().size(), 2000U);
  ASSERT_EQ(few.features().size(), 1000U);
  const data::ExampleTable rows = demo_rows(5000, 1000);
  int right_all = 0, right_few = 0;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    right_all += all.predict(rows.text_of(i)) == rows.label[i];
    right_few += few.predict(rows.text_of(i)) == rows.label[i];
  }
  RecordProperty("right_all", right_all);
  RecordProperty("right_few", right_few);
  EXPECT_GT(right_few, right_all - 50);  // of 1,000
}

TEST(QuantizedNgram, AModelThatLearntNothingIsAFileAllTheSame) {
  data::ExampleTable rows = demo_rows(0, 0);
  const OpenFile file = open(freeze(LinearNgram::train(rows, {}), demo_task()));
  Session session = *Session::create(file.model);
  EXPECT_EQ(session.classify("where is my refund")->label, 0U);
}

TEST(QuantizedNgram, SeveralClassesAtOnceAndScoresAreOneAgainstTheRest) {
  data::ExampleTable rows;
  rows.task = spec::TaskKind::kMultiLabel;
  rows.classes = 2;
  rows.top_k = 2;
  for (int i = 0; i < 60; ++i) {
    data::Record record;
    const bool a = i % 2 == 0, b = i % 3 == 0;
    record.text = std::string(a ? "lamp " : "") + (b ? "chair " : "") + "please";
    record.gold_values = {a ? 1.0F : 0.0F, b ? 1.0F : 0.0F};
    rows.append(record, {});
  }
  format::TaskContents task;
  task.labels = {"lamp", "chair"};
  task.kind = spec::TaskKind::kMultiLabel;
  const OpenFile file = open(freeze(LinearNgram::train(rows, {}), task));
  Session session = *Session::create(file.model);
  const auto probabilities = [&](const char* text) {
    const auto found = *session.probabilities(text);
    return std::vector<bool>{found[0] > 0.5F, found[1] > 0.5F};
  };
  EXPECT_EQ(probabilities("a lamp please"), (std::vector<bool>{true, false}));
  EXPECT_EQ(probabilities("chair please"), (std::vector<bool>{false, true}));
  EXPECT_EQ(probabilities("lamp and chair"), (std::vector<bool>{true, true}));
  EXPECT_EQ(probabilities("please"), (std::vector<bool>{false, false}));
}

}  // namespace
}  // namespace noggin::train
