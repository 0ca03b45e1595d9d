// A student that goes on from a trained one has its weights bit for bit, whatever kind of path names it.
#include "train/start/start_student.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "data/vocabulary/vocabulary.h"
#include "tests/support/train_bert_weights.h"
#include "tests/support/train_start.h"
#include "train/checkpoint/checkpoint.h"
#include "train/pretrained/bert_folder.h"
#include "train/start/class_match.h"

namespace noggin::train {
namespace {

using test::same_bits;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class StartStudent : public testing::Test {
 protected:
  // The student of a recipe that goes on from `path` with these pieces and classes.
  Student taken(const std::string& path, const runtime::TokenizerContents& tokenizer, const format::TaskContents& task,
                std::uint32_t max_tokens = 8) {
    const Result<Start> start = read_start(path);
    EXPECT_TRUE(start) << (start ? "" : start.error().message);
    spec::ModelConfig config = start->description.config;
    config.vocabulary_size = static_cast<std::uint32_t>(tokenizer.vocabulary.size());
    config.classes = static_cast<std::uint32_t>(task.labels.size());
    config.max_tokens = max_tokens;
    Student student = make_student(config, 0.1, 99);
    status_ = take_start(*start, tokenizer, task, student);
    return student;
  }

  test::TemporaryFolder folder_;
  Status status_;
};

TEST_F(StartStudent, EveryTensorOfACheckpointIsTaken) {
  for (const bool pruned : {false, true}) {
    const StudentBundle bundle = test::trained_bundle(pruned);
    const std::string path = test::written(folder_, bundle);
    const Student student = taken(path, bundle.tokenizer, bundle.task);
    ASSERT_TRUE(status_) << status_.error().message;
    EXPECT_EQ(student.config, bundle.student.config);
    test::expect_same_tensors(student, bundle.student);
    const ModelInputs inputs = test::texts_of({{2, 7, 9, 3}, {2, 30, 31, 12, 3}});
    EXPECT_EQ(float_logits(student, inputs).values, float_logits(bundle.student, inputs).values);
  }
}

TEST_F(StartStudent, AStaticStudentIsTaken) {
  StudentBundle bundle = test::trained_bundle(false);
  spec::ModelConfig config = bundle.student.config;
  config.encoder.layers.clear();
  config.encoder.layer_norm_epsilon = kStaticEpsilon;
  bundle.student = make_student(config, 0.1, 5);
  const Student student = taken(test::written(folder_, bundle), bundle.tokenizer, bundle.task);
  ASSERT_TRUE(status_) << status_.error().message;
  test::expect_same_tensors(student, bundle.student);
}

TEST_F(StartStudent, ClassesAreMatchedByName) {
  const StudentBundle bundle = test::trained_bundle(false);  // zero, one, two
  const std::vector<std::string> labels = {"two", "three", "zero"};
  const Student student = taken(test::written(folder_, bundle), bundle.tokenizer, {labels, -1});
  ASSERT_TRUE(status_);
  const Linear &to = student.classifier, &from = bundle.student.classifier;
  EXPECT_TRUE(same_bits(to.weight[0], from.weight[2]));
  EXPECT_TRUE(same_bits(to.weight[2], from.weight[0]));
  EXPECT_TRUE(same_bits(to.bias[0], from.bias[2]));
  EXPECT_TRUE(same_bits(to.weight[1], make_student(student.config, 0.1, 99).classifier.weight[1])) << "at random";
  const StartDescription start = *describe_start(folder_.file("start.ckpt"));
  const ClassMatch match = match_classes(start, bundle.task.kind, labels);
  EXPECT_THAT(match.rows, ElementsAre(2, -1, 0));
  EXPECT_EQ(text_of(match, labels), "classifier: 2 of 3 classes as they are, 1 new at random (three), 1 dropped (one)");
}

TEST_F(StartStudent, AnotherKindOfTaskTakesTheEncoderAlone) {
  const StudentBundle bundle = test::trained_bundle(false);
  format::TaskContents task = bundle.task;
  task.kind = spec::TaskKind::kMultiLabel;
  const Student student = taken(test::written(folder_, bundle), bundle.tokenizer, task);
  ASSERT_TRUE(status_);
  EXPECT_TRUE(same_bits(student.word, bundle.student.word));
  EXPECT_TRUE(same_bits(student.classifier.weight, make_student(student.config, 0.1, 99).classifier.weight));
  const StartDescription start = *describe_start(folder_.file("start.ckpt"));
  EXPECT_EQ(text_of(match_classes(start, task.kind, task.labels), task.labels),
            "classifier: starts at random, because the start answers task single_label, this recipe multi_label");
}

TEST_F(StartStudent, FewerPiecesInAnotherOrderAndShorterTexts) {
  const StudentBundle bundle = test::trained_bundle(false);
  runtime::TokenizerContents tokenizer = bundle.tokenizer;
  std::swap(tokenizer.vocabulary[10], tokenizer.vocabulary[20]);
  tokenizer.vocabulary.resize(40);
  const Student student = taken(test::written(folder_, bundle), tokenizer, bundle.task, 6);
  ASSERT_TRUE(status_) << status_.error().message;
  EXPECT_TRUE(same_bits(student.word[10], bundle.student.word[20]));
  EXPECT_TRUE(same_bits(student.word[39], bundle.student.word[39]));
  EXPECT_TRUE(same_bits(student.position, bundle.student.position.slice(0, 0, 6)));
}

// Rows of 16 that lie in a space of 4: nothing is lost, whether the start's own rows are 16 or 8 wide.
TEST_F(StartStudent, WordsBecomeNarrower) {
  for (const std::uint32_t width : {0U, 8U}) {
    StudentBundle bundle = test::trained_bundle(false);
    spec::ModelConfig config = bundle.student.config;
    config.encoder.embedding_width = width;
    bundle.student = make_student(config, 0.1, 5);
    const std::int64_t columns = spec::word_width(config);
    bundle.student.word = torch::randn({60, 4}).matmul(torch::randn({4, columns})) + torch::randn({1, columns});
    const Result<Start> start = read_start(test::written(folder_, bundle));
    ASSERT_TRUE(start);
    config.encoder.embedding_width = 4;
    EXPECT_TRUE(narrows_words(start->description, config));
    Student narrow = make_student(config, 0.1, 99);
    const Status taken = take_start(*start, bundle.tokenizer, bundle.task, narrow, torch::arange(60));
    ASSERT_TRUE(taken) << taken.error().message;
    const ModelInputs inputs = test::texts_of({{2, 7, 9, 3}, {2, 30, 31, 12, 3}});
    const auto before = float_logits(bundle.student, inputs).values, after = float_logits(narrow, inputs).values;
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(before[i], after[i], 1e-4);
  }
}

TEST_F(StartStudent, WhatTheStartLacksIsRefused) {
  const StudentBundle bundle = test::trained_bundle(false);
  const std::string path = test::written(folder_, bundle);
  taken(path, bundle.tokenizer, bundle.task, 9);
  EXPECT_THAT(status_.error().message, HasSubstr("has 8 positions, the student 9. Fix: set tokenizer.max_tokens"));
  runtime::TokenizerContents tokenizer = bundle.tokenizer;
  tokenizer.vocabulary[30] = "elsewhere";
  taken(path, tokenizer, bundle.task);
  EXPECT_THAT(status_.error().message, HasSubstr("lacks the piece \"elsewhere\""));
  spec::ModelConfig config = bundle.student.config;
  config.encoder.layers[1].ffn_width -= 1;
  Student other = make_student(config, 0.1, 1);
  EXPECT_THAT(take_start(*read_start(path), bundle.tokenizer, bundle.task, other).error().message,
              HasSubstr("has another shape"));
}

// What `noggin export --hugging-face` writes, with the classifier.
TEST_F(StartStudent, AWrittenFolderGivesTheSameLogits) {
  const data::PretrainedFolder bert = *data::read_pretrained_folder(test::write_bert(folder_, test::bert_weights()));
  const format::TaskContents task{{"refund", "parcel", "other"}, 2};
  for (const spec::Pooling pooling : {spec::Pooling::kMean, spec::Pooling::kFirstToken, spec::Pooling::kEveryToken}) {
    spec::ModelConfig config = test::config_of(bert, 3);
    config.pooling = pooling;
    Student before = make_student(config, 0.1, 3);
    ASSERT_TRUE(load_pretrained(bert, {0, 1}, bert.tokenizer, before));
    format::TaskContents answers = task;
    if (pooling == spec::Pooling::kEveryToken) answers = {{"O", "B-x", "I-x"}, -1, spec::TaskKind::kTag};
    const std::string path = folder_.file("written");
    ASSERT_TRUE(write_pretrained(before, bert.tokenizer, answers, path));
    const StartDescription start = *describe_start(path);
    EXPECT_EQ(start.task, answers.kind);
    EXPECT_EQ(start.labels, answers.labels);
    const Student student = taken(path, bert.tokenizer, answers);
    ASSERT_TRUE(status_) << status_.error().message;
    const ModelInputs inputs = test::texts_of({{3, 22, 24, 4}, {3, 26, 23, 25, 7, 4}});
    EXPECT_EQ(float_logits(student, inputs).values, float_logits(before, inputs).values);
  }
}

// BERT classifies from its pooler, which a student does not have.
TEST_F(StartStudent, AClassifierOfAnotherKindIsNotTaken) {
  nlohmann::json config = test::bert_config();
  config["architectures"] = {"BertForSequenceClassification"};
  config["id2label"] = {{"0", "refund"}, {"1", "parcel"}};
  test::Weights weights = test::bert_weights();
  weights["classifier.weight"] = torch::ones({2, 8});
  weights["classifier.bias"] = torch::ones({2});
  const std::string path = test::write_bert(folder_, weights, config);
  EXPECT_THAT(describe_start(path)->labels, testing::IsEmpty());
  config["architectures"] = {"BertForTokenClassification"};
  test::write_bert(folder_, weights, config);
  const StartDescription tokens = *describe_start(path);
  EXPECT_THAT(tokens.labels, ElementsAre("refund", "parcel"));
  EXPECT_EQ(tokens.config.pooling, spec::Pooling::kEveryToken);
  EXPECT_EQ(text_of(match_classes(tokens, spec::TaskKind::kSingleLabel, {"refund"}), {"refund"}),
            "classifier: starts at random, because the start answers per word");
}

TEST_F(StartStudent, PathsThatAreNoStart) {
  const auto refusal = [&](const std::string& path) { return describe_start(path).error().message; };
  EXPECT_THAT(refusal(folder_.file("none")), HasSubstr("none does not exist. Fix: "));
  EXPECT_THAT(refusal(folder_.path()),
              HasSubstr("is neither a run directory nor a folder that `noggin export --hugging-face` wrote. Fix: "));
  EXPECT_THAT(refusal(folder_.write("model.nog", "NOG")),
              AllOf(HasSubstr("model.nog holds the integers of a device"), HasSubstr("Fix: name the run")));
  EXPECT_THAT(refusal(folder_.write("x.ckpt", "no")), HasSubstr("is not a Noggin checkpoint"));
}

}  // namespace
}  // namespace noggin::train
