#include "train/loop/shipped_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "data/rows/content_key.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/engine_model.h"
#include "train/loop/phase_loss.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

using testing::HasSubstr;

class Shipped : public testing::Test {
 protected:
  Shipped() {
    format::FrozenModel frozen = test::frozen_model_with_golden(test::engine_config(), 5);
    const std::vector<std::byte> bytes = test::serialized(frozen);
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    old_labels_ = frozen.task.labels;
    recipe_.shipped.model = path_;
    recipe_.phases.resize(1);
    recipe_.phases[0].keep_weight = 1.0;
    // The new model has the old classes in reverse, and one more in front.
    task_.labels.assign(old_labels_.rbegin(), old_labels_.rend());
    task_.labels.insert(task_.labels.begin(), "brand new");
    Result<Model> model = Model::open(path_);
    Result<Session> session = Session::create(*model);
    probabilities_ = test::copied(*session->probabilities(text_));
    best_ = static_cast<std::size_t>(std::ranges::max_element(probabilities_) - probabilities_.begin());
  }

  std::int32_t new_label(std::size_t old_label) const {
    return static_cast<std::int32_t>(old_labels_.size() - old_label);
  }
  data::ExampleTable table(std::int32_t gold, std::int32_t teacher) const {
    data::ExampleTable rows;
    rows.classes = static_cast<std::uint32_t>(task_.labels.size());
    rows.top_k = 1;
    data::Record record;
    record.text = text_;
    record.label = gold;
    if (teacher >= 0) record.teacher = {{teacher}, {0.9F}};
    rows.append(record, std::vector<std::uint32_t>{1, 2, 3});
    return rows;
  }
  distill::TeacherTargets targets(std::int32_t gold, std::int32_t teacher = -1) const {
    const std::uint32_t row = 0;
    return ShippedAnswers::open(recipe_, task_)->targets(table(gold, teacher), {&row, 1});
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_.file("model.nog");
  std::string text_ = "where is my parcel";
  Recipe recipe_;
  format::TaskContents task_;
  std::vector<std::string> old_labels_;
  std::vector<float> probabilities_;
  std::size_t best_ = 0;
};

TEST_F(Shipped, ARightAnswerIsATargetByTheNamesOfItsClasses) {
  const distill::TeacherTargets right = targets(new_label(best_));
  EXPECT_EQ(right.classes[0][0].item<std::int64_t>(), new_label(best_));
  float listed = 0.0F;
  for (std::int64_t k = 0; k < right.classes.size(1); ++k) {
    const auto label = right.classes[0][k].item<std::int64_t>();
    ASSERT_GT(label, 0) << "class 0 is new";
    const float probability = right.probabilities[0][k].item<float>();
    EXPECT_EQ(probability, probabilities_[old_labels_.size() - static_cast<std::size_t>(label)]);
    listed += probability;
  }
  EXPECT_LE(listed, 1.0001F);
}

TEST_F(Shipped, AWrongAnswerAndARowThatNothingJudgesAreNoTargets) {
  const std::int32_t wrong = new_label(best_) == 1 ? 2 : 1;
  for (const distill::TeacherTargets& none : {targets(wrong), targets(-1), targets(wrong, new_label(best_))})
    EXPECT_TRUE((none.classes == -1).all().item<bool>());
}

TEST_F(Shipped, WithoutGoldTheTeachersFirstAnswerJudges) {
  EXPECT_TRUE((targets(-1, new_label(best_)).classes[0][0] == new_label(best_)).item<bool>());
  EXPECT_TRUE((targets(-1, 0).classes == -1).all().item<bool>());
}

// One row is right, one is not: the loss is the first row's divergence alone, and its gradient leaves the other alone.
TEST_F(Shipped, TheLossCountsOnlyRowsThatItGetsRight) {
  data::ExampleTable rows = table(new_label(best_), -1);
  data::Record other;
  other.text = "a";
  other.label = 0;
  rows.append(other, std::vector<std::uint32_t>{1, 2});
  const std::vector<std::uint32_t> both = {0, 1};
  TrainingBatch batch;
  batch.shipped = ShippedAnswers::open(recipe_, task_)->targets(rows, both);
  Phase phase = recipe_.phases[0];
  phase.teacher_weight = 0.0;
  phase.keep_weight = 2.0;
  torch::Tensor logits = torch::randn({2, static_cast<std::int64_t>(task_.labels.size())}).requires_grad_();
  const torch::Tensor loss = phase_loss(phase, 0.0, logits, batch);
  const distill::TeacherTargets first{batch.shipped.classes.slice(0, 0, 1), batch.shipped.probabilities.slice(0, 0, 1)};
  EXPECT_NEAR(loss.item<double>(), 2.0 * distill::distillation_kl(logits.slice(0, 0, 1), first, 1.0).item<double>(),
              1e-6);
  loss.backward();
  EXPECT_GT(logits.grad()[0].abs().max().item<float>(), 0.0F);
  EXPECT_EQ(logits.grad()[1].abs().max().item<float>(), 0.0F);
}

TEST_F(Shipped, IsNotOpenedWhereNoPhaseAsks) {
  recipe_.phases[0].keep_weight = 0.0;
  recipe_.shipped.model = folder_.file("missing.nog");
  EXPECT_EQ(ShippedAnswers::open(recipe_, task_), nullptr);
  recipe_.phases[0].keep_weight = 1.0;
  recipe_.shipped.model.clear();
  EXPECT_EQ(ShippedAnswers::open(recipe_, task_), nullptr);
}

TEST_F(Shipped, WhatCannotBeKeptIsRefusedByName) {
  const auto message = [&](const Recipe& recipe, const format::TaskContents& task) -> std::string {
    try {
      ShippedAnswers::open(recipe, task);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::kBadData);
      return failure.what();
    }
    return {};
  };
  Recipe other = recipe_;
  other.task = spec::TaskKind::kScore;
  EXPECT_THAT(message(other, task_), HasSubstr("another kind of task"));
  format::TaskContents strangers;
  strangers.labels = {"one", "two of others"};
  EXPECT_THAT(message(recipe_, strangers), HasSubstr("none of the recipe's classes"));
  Recipe missing = recipe_;
  missing.shipped.model = folder_.file("missing.nog");
  EXPECT_THAT(message(missing, task_), HasSubstr("missing.nog"));
}

}  // namespace
}  // namespace noggin::train
