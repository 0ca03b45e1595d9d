// Phases that change the student before their first step, word_width, quantize.widen_bytes and learned steps: what they
// leave, and that a stopped training goes on to the same bytes.
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "format/file_layout.h"
#include "tests/support/train_tiny_run.h"
#include "train/loop/job_settings.h"
#include "train/run/stop_signal.h"

namespace noggin::train {
namespace {

using test::run_job;
using test::shared_data;
using test::TemporaryFolder;

Recipe narrow_int4_recipe() {
  Recipe recipe = test::tiny_recipe();
  recipe.student.width = 32;
  recipe.student.ffn_width = 64;
  recipe.quantize = {.embedding_bits = 4, .weight_bits = 4, .group = 32, .widen_bytes = 6000};
  recipe.phases[1].word_width = 12;
  recipe.phases[1].heads_fraction = 0.0;
  recipe.phases[2].step_learning_rate = 0.2;
  return recipe;
}

std::size_t int4_matrices(const spec::EncoderConfig& encoder) {
  std::size_t count = 0;
  for (const spec::LayerConfig& layer : encoder.layers)
    for (const std::uint32_t group :
         {layer.qkv_group, layer.attention_output_group, layer.ffn_up_group, layer.ffn_down_group})
      count += group > 0 ? 1 : 0;
  return count;
}

TEST(NarrowAndMixed, TheShapeIsThatOfThePhaseAndTheBytesStayWithin) {
  const TemporaryFolder folder;
  const Recipe recipe = narrow_int4_recipe();
  const TrainOutcome outcome = run_job(shared_data().job(folder.path(), recipe));
  const auto config_of = [](const std::string& path) { return read_bundle(path)->student.config; };
  EXPECT_EQ(config_of(outcome.float_checkpoint()).encoder.embedding_width, 0U);
  const spec::ModelConfig pruned = config_of(outcome.pruned_checkpoint()), last = config_of(outcome.final_checkpoint());
  EXPECT_EQ(pruned.encoder.embedding_width, 12U);
  EXPECT_EQ(last.encoder.embedding_width, 12U);
  spec::ModelConfig all_int4 = last;
  set_weight_types(recipe.quantize, all_int4.encoder);
  ASSERT_EQ(int4_matrices(all_int4.encoder), 8U);
  EXPECT_LT(int4_matrices(last.encoder), 8U) << "none has eight bits";
  EXPECT_GT(int4_matrices(last.encoder), 0U) << "6,000 bytes are not enough for all";
  EXPECT_LE(format::tensors_section_bytes(last), format::tensors_section_bytes(all_int4) + 6000);
}

TEST(NarrowAndMixed, EachMatrixOfFourBitsHasItsLearnedSteps) {
  const auto matrices_with_steps = [](const Recipe& recipe) {
    const TemporaryFolder folder;
    const TrainOutcome outcome = run_job(shared_data().job(folder.path(), recipe));
    std::size_t count = 0;
    const Student student = read_bundle(outcome.final_checkpoint())->student;
    visit_tensors(student, [&](const std::string&, const Tensor& steps, TensorRole role) {
      if (role != TensorRole::kStep) return;
      ++count;
      EXPECT_GT(steps.min().item<double>(), 0.0);
    });
    EXPECT_LE(count, int4_matrices(student.config.encoder));
    return count;
  };
  Recipe recipe = narrow_int4_recipe();
  EXPECT_LT(matrices_with_steps(recipe), 8U) << "some have eight bits";
  recipe.quantize.widen_bytes = 0;
  EXPECT_EQ(matrices_with_steps(recipe), 8U);
  recipe.phases[2].step_learning_rate = 0.0;
  EXPECT_EQ(matrices_with_steps(recipe), 0U);
}

TEST(NarrowAndMixed, AStoppedTrainingGoesOnToTheSameBytes) {
  const Recipe recipe = narrow_int4_recipe();
  const TemporaryFolder whole;
  int steps = 0;
  run_job(shared_data().job(whole.path(), recipe), [&](int) { ++steps; });
  const auto expected = test::files_in(whole.path() + "/checkpoints");
  for (const int at : {steps / 2, steps - 2}) {  // inside of the prune phase and of the qat phase
    const TemporaryFolder stopped;
    const TrainJob job = shared_data().job(stopped.path(), recipe);
    {
      const StopSignal guard;
      run_job(job, [&](int step) {
        if (step == at) std::raise(SIGINT);
      });
      StopSignal::clear();
    }
    run_job(job);
    EXPECT_TRUE(test::files_in(stopped.path() + "/checkpoints") == expected) << "stopped after step " << at;
  }
}

}  // namespace
}  // namespace noggin::train
