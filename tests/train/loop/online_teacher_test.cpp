// What a live teacher adds to the loss, and that a run with one survives being stopped.
#include "train/loop/online_teacher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>

#include "tests/support/train_bert_weights.h"
#include "tests/support/train_tiny_run.h"
#include "train/pretrained/bert_folder.h"
#include "train/run/failure.h"
#include "train/run/stop_signal.h"

namespace noggin::train {
namespace {

using test::read_text;
using testing::HasSubstr;

// A BERT of width 8 with 2 layers of 2 heads, whose vocabulary is that of the tiny runs.
class OnlineTeacherTest : public testing::Test {
 protected:
  OnlineTeacherTest() {
    nlohmann::json config = test::bert_config();
    config["vocab_size"] = data_.tokenizer.vocabulary.size();
    folder_ = test::write_bert(files_, test::bert_weights(config), config);
    std::string pieces;
    for (const std::string& piece : data_.tokenizer.vocabulary) pieces += piece + "\n";
    files_.write("bert/vocab.txt", pieces);
    recipe_ = test::tiny_recipe();
    recipe_.online_teacher.folder = folder_;
  }

  OnlineTeacher teacher() const { return *OnlineTeacher::read(recipe_, data_.tokenizer, torch::kCPU); }

  // The teacher's own weights as a student.
  Student twin() const {
    const data::PretrainedFolder from = *data::read_pretrained_folder(folder_);
    spec::ModelConfig config = test::student_config();
    config.vocabulary_size = static_cast<std::uint32_t>(data_.tokenizer.vocabulary.size());
    config.max_tokens = recipe_.tokenizer.max_tokens;
    config.encoder.width = 8;
    config.encoder.head_width = 4;
    config.encoder.layer_norm_epsilon = static_cast<float>(from.layer_norm_epsilon);
    config.encoder.layers = {{2, 12}, {2, 12}};
    Student student = make_student(config, 0.1, 3);
    EXPECT_TRUE(load_pretrained(from, {0, 1}, data_.tokenizer, student));
    student.teacher_projection = make_teacher_projection(8, 8, 1);
    return student;
  }

  // Of another width, with other heads.
  static Student stranger() {
    spec::ModelConfig config = test::student_config();
    config.vocabulary_size = 60;
    config.max_tokens = 8;
    Student student = test::random_student(config, 5);
    student.teacher_projection = make_teacher_projection(config.encoder.width, 8, 1);
    return student;
  }

  static PackedBatch batch() { return test::packed({{2, 7, 9, 3}, {2, 11, 3}, {2, 20, 21, 22, 23, 3}}); }

  Tensor loss(const Phase& phase, const Student& student) const {
    FloatArithmetic arithmetic;
    LastLayer seen;
    forward(student, batch(), arithmetic, 0.0, &seen);
    return teacher().loss(phase, student, seen, batch());
  }

  static Phase asking(double Phase::*weight, double value = 1.0) {
    Phase phase;
    phase.*weight = value;
    return phase;
  }

  test::TemporaryFolder files_;
  test::TinyData data_;
  std::string folder_;
  Recipe recipe_;
};

constexpr double Phase::*kWeights[] = {&Phase::hidden_weight, &Phase::attention_weight, &Phase::relation_weight};

TEST_F(OnlineTeacherTest, IsOnlyThereWhereARecipeNamesIt) {
  recipe_.online_teacher.folder.clear();
  EXPECT_FALSE(OnlineTeacher::read(recipe_, data_.tokenizer, torch::kCPU));
  EXPECT_FALSE(asks_online_teacher(Phase{}));
  for (double Phase::*weight : kWeights) EXPECT_TRUE(asks_online_teacher(asking(weight, 0.1)));
}

TEST_F(OnlineTeacherTest, HasNothingToSayToItsTwin) {
  const Student student = twin();
  for (double Phase::*weight : kWeights) EXPECT_LT(loss(asking(weight), student).item<double>(), 1e-9);
}

TEST_F(OnlineTeacherTest, SaysMoreTheFurtherAStudentIs) {
  for (double Phase::*weight : kWeights) {
    Student student = twin();
    double before = 0.0;
    for (const double distance : {0.1, 0.3, 0.9}) {
      torch::NoGradGuard no_grad;
      torch::manual_seed(4);
      student = twin();
      for (EncoderLayer& layer : student.layers) layer.qkv.weight.add_(torch::randn_like(layer.qkv.weight), distance);
      const double now = loss(asking(weight), student).item<double>();
      EXPECT_GT(now, before);
      EXPECT_NEAR(loss(asking(weight, 3.0), student).item<double>(), 3.0 * now, 1e-5 * now);
      before = now;
    }
  }
}

TEST_F(OnlineTeacherTest, WidthsAndHeadsMayDiffer) {
  Student student = stranger();  // 20 wide, 2 heads of 5 in its last layer: 10 and 8 share relation heads of 2
  visit_tensors(student, [](const std::string&, Tensor& tensor, TensorRole role) {
    tensor.requires_grad_(role != TensorRole::kMask);
  });
  Phase phase = asking(&Phase::relation_weight);
  phase.hidden_weight = 1.0;
  const Tensor total = loss(phase, student);
  total.backward();
  EXPECT_GT(total.item<double>(), 0.01);
  EXPECT_GT(student.teacher_projection.grad().abs().sum().item<double>(), 0.0);
  EXPECT_GT(student.layers.back().qkv.weight.grad().abs().sum().item<double>(), 0.0);
  EXPECT_GT(student.word.grad().abs().sum().item<double>(), 0.0);
  EXPECT_FALSE(student.classifier.weight.grad().defined()) << "answers take no part";
}

TEST_F(OnlineTeacherTest, HeadsThatDoNotMatchAreRefusedWhereTheyAreCompared) {
  Student student = twin();
  EXPECT_NO_THROW(teacher().check(asking(&Phase::attention_weight), student));
  student.config.encoder.layers.back().heads = 3;
  EXPECT_NO_THROW(teacher().check(asking(&Phase::relation_weight), student));
  try {
    teacher().check(asking(&Phase::attention_weight), student);
    FAIL() << "accepted";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
    EXPECT_THAT(failure.what(), HasSubstr("has 3 heads and the live teacher's 2. Fix: use relation_weight"));
  }
}

TEST_F(OnlineTeacherTest, PiecesThatItDoesNotKnowAreRefused) {
  runtime::TokenizerContents foreign = data_.tokenizer;
  foreign.vocabulary[40] = "elsewhere";
  try {
    OnlineTeacher::read(recipe_, foreign, torch::kCPU);
    FAIL() << "accepted";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("does not have the piece \"elsewhere\""));
  }
}

// In every phase: hidden states with a learned projection, relations; attention scores before heads go.
Recipe with_every_loss(Recipe recipe) {
  for (Phase& phase : recipe.phases) phase.hidden_weight = phase.relation_weight = 0.5;
  recipe.phases.front().attention_weight = 0.5;
  return recipe;
}

TEST_F(OnlineTeacherTest, AStoppedRunGoesOnToTheSameBytesAndShipsNoProjection) {
  const Recipe recipe = with_every_loss(recipe_);
  const test::TemporaryFolder whole;
  const TrainOutcome outcome = test::run_job(data_.job(whole.path(), recipe));
  const Checkpoint shipped = *read_checkpoint(outcome.final_checkpoint());
  for (const auto& [name, tensor] : shipped.tensors) EXPECT_THAT(name, testing::Not(HasSubstr("live_teacher")));
  for (const int stop : {4, 14, 27}) {  // one in each phase
    const test::TemporaryFolder folder;
    {
      const StopSignal guard;
      EXPECT_TRUE(test::run_job(data_.job(folder.path(), recipe), [&](int step) {
                    if (step == stop) std::raise(SIGINT);
                  }).stopped_by_signal);
      StopSignal::clear();
    }
    const Checkpoint saved = *read_checkpoint(folder.path() + "/checkpoints/resume.ckpt");
    EXPECT_TRUE(saved.tensors.contains("student.live_teacher.projection")) << stop;
    test::run_job(data_.job(folder.path(), recipe));
    for (const char* name : {"0-distil.ckpt", "1-prune.ckpt", "2-qat.ckpt"}) {
      const std::string path = std::string("/checkpoints/") + name;
      EXPECT_TRUE(read_text(folder.path() + path) == read_text(whole.path() + path))
          << name << " after a stop at " << stop;
    }
  }
}

// A phase whose student had a learned projection is not gone on from: its checkpoint does not hold that.
TEST_F(OnlineTeacherTest, NoPhaseIsReusedWhoseProjectionALaterOneGoesOnWith) {
  Recipe changed = with_every_loss(recipe_);
  changed.phases[2].learning_rate *= 0.5;
  const test::TemporaryFolder folder, alone;
  test::run_job(data_.job(folder.path(), with_every_loss(recipe_)));
  int steps = 0;
  test::run_job(data_.job(folder.path(), changed), [&](int) { ++steps; });
  EXPECT_EQ(steps, 33);
  test::run_job(data_.job(alone.path(), changed));
  EXPECT_TRUE(read_text(folder.path() + "/checkpoints/2-qat.ckpt") ==
              read_text(alone.path() + "/checkpoints/2-qat.ckpt"));
}

TEST_F(OnlineTeacherTest, ChangesWhatIsLearned) {
  const test::TemporaryFolder with, without;
  test::run_job(data_.job(with.path(), with_every_loss(recipe_)));
  recipe_.online_teacher.folder.clear();
  test::run_job(data_.job(without.path(), recipe_));
  EXPECT_FALSE(read_text(with.path() + "/checkpoints/0-distil.ckpt") ==
               read_text(without.path() + "/checkpoints/0-distil.ckpt"));
}

}  // namespace
}  // namespace noggin::train
