// A training job small enough for a test: shards of made-up rows that a student can learn, a recipe with all three
// phases, and a Progress that runs the test's code at a chosen step.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "data/shards/shard.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/format_random_model.h"
#include "tests/support/tokenizer_tiny.h"
#include "train/loop/trainer.h"

namespace noggin::test {

// The first word piece determines the label; the teacher is mostly confident of it.
inline std::vector<std::string> write_tiny_shards(const std::string& prefix, std::size_t rows,
                                                  std::uint64_t rows_per_shard, std::uint64_t seed,
                                                  std::uint64_t vocabulary_hash) {
  constexpr std::uint32_t kClasses = 3;
  Random random(seed);
  Result<data::ShardWriter> writer = data::ShardWriter::create(prefix, kClasses, 2, vocabulary_hash, rows_per_shard);
  EXPECT_TRUE(writer);
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<std::uint32_t> tokens{2};
    const std::uint64_t length = 1 + random.below(6);
    for (std::uint64_t t = 0; t < length; ++t) tokens.push_back(static_cast<std::uint32_t>(5 + random.below(26)));
    tokens.push_back(3);
    const auto label = static_cast<std::int32_t>(tokens[1] % kClasses);
    data::Record record;
    record.id = "row-" + std::to_string(i);
    record.text = "text " + std::to_string(seed) + " " + std::to_string(i);
    record.label = i % 4 == 3 ? data::kNoLabel : label;
    record.teacher = {{label, (label + 1) % 3}, {0.8F, 0.15F}};
    EXPECT_TRUE(writer->append(record, tokens));
  }
  Result<std::vector<std::string>> paths = writer->finish();
  EXPECT_TRUE(paths);
  return *paths;
}

inline train::Recipe tiny_recipe() {
  train::Recipe recipe;
  recipe.name = "tiny";
  recipe.seed = 11;
  recipe.tokenizer.max_tokens = 8;
  recipe.student.layers = 2;
  recipe.student.width = 16;
  recipe.student.heads = 2;
  recipe.student.ffn_width = 32;
  recipe.student.dropout = 0.1;
  recipe.student.initial_range = 0.1;
  recipe.train.device = train::Device::kCpu;
  recipe.train.precision = train::Precision::kFp32;  // a measured choice would depend on the machine's load
  recipe.train.batch_rows = 8;
  recipe.train.threads = 2;
  recipe.train.ema = 0.9;
  recipe.train.checkpoint_minutes = 60.0;
  train::Phase distil;
  distil.epochs = 2;
  distil.temperature = 2.0;
  distil.gold_weight = 0.5;
  distil.token_dropout = 0.1;
  train::Phase prune = distil;
  prune.kind = train::PhaseKind::kPrune;
  prune.heads_fraction = 0.25;
  prune.ffn_fraction = 0.25;
  prune.removal_epochs = 1.0;
  prune.float_weight = 0.5;
  train::Phase qat;
  qat.kind = train::PhaseKind::kQat;
  qat.epochs = 1.5;
  qat.scale_learning_rate = 1.0;
  qat.calibration_batches = 3;
  qat.float_weight = 0.5;
  recipe.phases = {distil, prune, qat};
  return recipe;
}

// Data shared by the runs that are compared. 44 rows in 2 shards: 6 steps per epoch.
struct TinyData {
  TemporaryFolder folder;
  runtime::TokenizerContents tokenizer = tests::tiny_tokenizer(60);
  std::vector<std::string> train_shards = write_tiny_shards(folder.file("train"), 44, 24, 1, 5);
  std::vector<std::string> dev_shards = write_tiny_shards(folder.file("dev"), 20, 100, 2, 5);

  train::TrainJob job(const std::string& run_folder, train::Recipe recipe = tiny_recipe()) const {
    return {std::move(recipe), train_shards, dev_shards, tokenizer, {{"zero", "one", "two"}, 2}, run_folder};
  }
};

// One of them for all tests of a program.
inline const TinyData& shared_data() {
  static const TinyData data;
  return data;
}

// Runs a job and calls at_step(n) at the n-th training step of this process, before the loop checks for a signal.
inline train::TrainOutcome run_job(const train::TrainJob& job, const std::function<void(int)>& at_step = {},
                                   std::string* output = nullptr) {
  int ticks = 0;
  train::ProgressOptions options;
  options.pipe_interval = 0.0;  // so that each step shows exactly one line
  options.clock = [&ticks] { return static_cast<double>(++ticks); };
  struct Hook : std::stringbuf {  // counts the lines that steps show
    explicit Hook(const std::function<void(int)>& action) : act(action) {}
    int sync() override {
      const std::string text = str();
      str("");
      shown += text;
      if (act && text.find(" steps  ") != std::string::npos) act(++steps);
      return 0;
    }
    const std::function<void(int)>& act;
    std::string shown;
    int steps = 0;
  } hook(at_step);
  std::ostream stream(&hook);
  stream.exceptions(std::ios::badbit);  // an exception from the hook stops the run like a crash
  train::Progress progress(stream, options);
  const train::TrainOutcome outcome = train::train(job, progress);
  if (output != nullptr) *output = hook.shown;
  return outcome;
}

}  // namespace noggin::test
