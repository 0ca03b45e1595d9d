// The run's best float student as a teacher.
#include "train/loop/float_student.h"

#include <gtest/gtest.h>

#include "tests/support/train_inputs.h"
#include "tests/support/train_students.h"
#include "tests/support/train_tiny_run.h"
#include "train/loop/job_settings.h"
#include "train/start/adopt_start.h"

namespace noggin::train::float_student {
namespace {

using test::run_job;
using test::shared_data;
using test::TemporaryFolder;

Student student_of(std::uint64_t seed) {
  Recipe recipe = test::tiny_recipe();
  recipe.seed = seed;
  return make_student(model_config(recipe, tests::tiny_tokenizer(60), {{"zero", "one", "two"}}), 0.3, seed);
}

// Three texts: one with gold, one with a teacher, one with neither.
TrainingBatch three_texts() {
  TrainingBatch batch;
  batch.packed = test::packed({{2, 7, 9, 3}, {2, 11, 3}, {2, 20, 21, 22, 23, 3}});
  batch.labels = torch::tensor({1, -1, -1}, torch::kInt64);
  batch.teacher = {torch::tensor({{-1}, {0}, {-1}}, torch::kInt64), torch::tensor({{0.0F}, {0.9F}, {0.0F}})};
  return batch;
}

Tensor logits_of(const Student& student, const TrainingBatch& batch) {
  torch::NoGradGuard no_grad;
  FloatArithmetic arithmetic;
  return forward(student, batch.packed, arithmetic);
}

TEST(FloatStudent, TheLossIsTheDivergenceFromItsAnswersToTaughtRows) {
  const TrainingBatch batch = three_texts();
  Phase phase;
  phase.float_weight = 0.5;
  phase.temperature = 2.0;
  const FloatStudent teacher(student_of(1), Precision::kFp32);
  const Tensor wanted = logits_of(student_of(1), batch);
  const Tensor logits = logits_of(student_of(2), batch).requires_grad_();
  const Tensor loss = teacher.loss(phase, 0.0, logits, batch);
  const Tensor two = torch::tensor({true, true, false});
  EXPECT_NEAR(loss.item<double>(), 0.5 * distill::logits_kl(logits, wanted, two, 2.0).item<double>(), 1e-6);
  EXPECT_GT(loss.item<double>(), 1e-4);
  loss.backward();
  EXPECT_GT(logits.grad()[0].abs().max().item<float>(), 0.0F);
  EXPECT_GT(logits.grad()[1].abs().max().item<float>(), 0.0F);
  EXPECT_EQ(logits.grad()[2].abs().max().item<float>(), 0.0F);
  EXPECT_NEAR(teacher.loss(phase, 0.0, wanted, batch).item<double>(), 0.0, 1e-6) << "its own answers";
}

TEST(FloatStudent, ClassesThatAreIndependentAreComparedOneByOne) {
  TrainingBatch batch = three_texts();
  batch.gold_values = torch::zeros({3, 3});
  Phase phase;
  phase.float_weight = 1.0;
  const FloatStudent teacher(student_of(1), Precision::kFp32);
  const Tensor wanted = torch::sigmoid(logits_of(student_of(1), batch)), logits = logits_of(student_of(2), batch);
  EXPECT_NEAR(teacher.loss(phase, 0.0, logits, batch).item<double>(),
              distill::binary_kl(logits, wanted, torch::tensor({true, true, false}), 1.0).item<double>(), 1e-6);
}

// Without any other target the pruned student comes back to the answers of the float one.
TEST(FloatStudent, TeachesAPhaseAlone) {
  const auto loss_after = [](double learning_rate) {
    Recipe recipe = test::tiny_recipe();
    recipe.student.dropout = 0.0;
    recipe.phases.pop_back();
    Phase& prune = recipe.phases.back();
    prune.teacher_weight = prune.gold_weight = 0.0;
    prune.float_weight = 1.0;
    prune.token_dropout = 0.0;
    prune.ffn_fraction = prune.heads_fraction = 0.5;
    prune.epochs = 8.0;
    prune.learning_rate = learning_rate;
    const TemporaryFolder folder;
    return run_job(shared_data().job(folder.path(), recipe)).phases.back().loss;
  };
  EXPECT_LT(loss_after(3e-3), 0.5 * loss_after(1e-7));
}

// The best of the phases before by dev, not the last: a phase that changes nothing would agree with itself.
TEST(FloatStudent, IsTheBestOneSoFar) {
  Recipe recipe = test::tiny_recipe();
  recipe.student.dropout = 0.0;
  recipe.train.ema = 0.0;
  Phase prune = recipe.phases[1];
  prune.heads_fraction = 0.5;
  prune.ffn_fraction = 0.9;
  prune.learning_rate = 1e-9;  // nothing is won back
  Phase last = recipe.phases[0];
  last.teacher_weight = last.gold_weight = last.token_dropout = 0.0;
  last.float_weight = 1.0;
  last.learning_rate = 1e-9;
  recipe.phases = {recipe.phases[0], prune, last};
  const TemporaryFolder folder;
  const TrainOutcome outcome = run_job(shared_data().job(folder.path(), recipe));
  ASSERT_EQ(outcome.best_float_checkpoint(), folder.path() + "/checkpoints/0-distil.ckpt");
  EXPECT_GT(outcome.phases.back().loss, 1e-5) << "its own answers";
}

TEST(FloatStudent, IsTheStartWhereNoPhaseComesBefore) {
  const TemporaryFolder first, folder;
  run_job(shared_data().job(first.path()));
  Recipe recipe = test::tiny_recipe();
  recipe.student = {};
  recipe.init.from = first.path() + "/checkpoints/0-distil.ckpt";
  recipe.phases = {recipe.phases[1]};
  recipe.phases[0].teacher_weight = recipe.phases[0].gold_weight = 0.0;
  recipe.phases[0].learning_rate = 1e-9;
  recipe.phases[0].token_dropout = recipe.phases[0].ffn_fraction = recipe.phases[0].heads_fraction = 0.0;
  ASSERT_TRUE(adopt_start(recipe, {"zero", "one", "two"}));
  recipe.student.dropout = 0.0;
  EXPECT_NEAR(run_job(shared_data().job(folder.path(), recipe)).phases.back().loss, 0.0, 1e-6);
}

}  // namespace
}  // namespace noggin::train::float_student
