// The streaming core of verify with invented targets: what it counts does not depend on the size of chunks, and memory
// does not grow with the logits of a set.
#include "export/verify/comparison.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>
#include <functional>

#include "engine/answer.h"
#include "tests/support/tokenizer_tiny.h"
#include "tests/support/train_inputs.h"
#include "train/task/stored_answer.h"

namespace noggin::exporter {
namespace {

data::ExampleTable table_of(std::size_t rows, std::uint32_t classes) {
  data::ExampleTable table;
  table.classes = classes;
  for (std::size_t row = 0; row < rows; ++row) {
    data::Record record;
    record.id = "row-" + std::to_string(row);
    record.text = "text " + std::to_string(row);
    record.label = row % 10 == 9 ? data::kNoLabel : static_cast<std::int32_t>(row % classes);
    const std::uint32_t ids[] = {2, static_cast<std::uint32_t>(row), 3};
    table.append(record, ids);
  }
  return table;
}

// Logits that depend on the row alone; `bend` may change them.
class InventedTarget : public Target {
 public:
  using Bend = std::function<void(std::size_t row, std::span<float> logits)>;
  explicit InventedTarget(const std::string& name, Bend bend = {}) : Target(name), bend_(std::move(bend)) {}

  Status logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) override {
    largest_chunk = std::max(largest_chunk, logits.values.size());
    for (std::size_t row = chunk.begin; row < chunk.end; ++row) {
      const std::span<float> mine = logits.sequence(row);
      auto state = static_cast<std::uint32_t>(row) * 2654435761U + 1U;
      for (float& logit : mine) logit = static_cast<float>((state = state * 1664525U + 1013904223U) >> 20U) / 512.0F;
      if (bend_) bend_(row, mine);
      microseconds.push_back(static_cast<double>(row));
    }
    const struct mallinfo2 heap = mallinfo2();
    most_memory = std::max(most_memory, heap.uordblks + heap.hblkhd);
    return failure;
  }

  Status failure;
  std::size_t largest_chunk = 0, most_memory = 0;
  void stop_with(const std::string& why) { obstacle_ = why; }

 private:
  Bend bend_;
};

std::vector<train::StoredAnswer> numbers_of(const std::vector<train::Prediction>& answers) {
  std::vector<train::StoredAnswer> numbers;
  for (const train::Prediction& answer : answers) numbers.push_back(train::stored(answer));
  return numbers;
}

// One last bit in row 17, another answer in rows 40 and 41.
void bend_three_rows(std::size_t row, std::span<float> logits) {
  if (row == 17) logits[0] = std::nextafter(logits[0], 100.0F);
  if (row == 40 || row == 41) logits[2] += 100.0F;
}

struct InventedRows {
  InventedRows(std::size_t rows, std::uint32_t classes)
      : table(table_of(rows, classes)), inputs(test::inputs_of(table)) {
    for (std::uint32_t c = 0; c < classes; ++c) task.labels.push_back("label-" + std::to_string(c));
    reader = *train::TaskReader::create(task);
  }
  Result<Comparison> with(std::size_t chunk_logits, Target* trainer) {
    return compare_targets({*reader, table, inputs, table.classes}, trainer, targets, {chunk_logits, {}});
  }

  format::TaskContents task{{}, -1};
  data::ExampleTable table;
  train::ModelInputs inputs;
  std::unique_ptr<const train::TaskReader> reader;
  std::vector<std::unique_ptr<Target>> targets;
};

TEST(Comparison, CountsTheSameWhateverTheChunks) {
  InventedRows set(100, 5);
  set.targets.push_back(std::make_unique<InventedTarget>("equal"));
  set.targets.push_back(std::make_unique<InventedTarget>("bent", bend_three_rows));
  InventedTarget trainer("trainer");
  const Comparison whole = *set.with(kChunkLogits, &trainer);
  EXPECT_EQ(trainer.largest_chunk, 500U);
  ASSERT_EQ(whole.targets.size(), 2U);
  EXPECT_EQ(whole.targets[0].differing_bits_rows, 0U);
  EXPECT_EQ(whole.targets[0].logits_hash, whole.training.logits_hash);
  EXPECT_EQ(whole.targets[0].median_microseconds, 50.0);
  const TargetReport& bent = whole.targets[1];
  EXPECT_EQ(bent.differing_bits_rows, 3U);
  EXPECT_EQ(bent.first_differing_row, 17U);
  EXPECT_EQ(bent.prediction_changes, 2U);
  ASSERT_EQ(bent.changed_predictions.size(), 2U);
  EXPECT_EQ(bent.changed_predictions[1].id, "row-41");
  EXPECT_EQ(bent.changed_predictions[1].got, "label-2");
  std::vector<train::Prediction> answers = whole.answers;
  ASSERT_EQ(answers.size(), 100U);
  answers[40] = answers[41] = runtime::ClassAnswer{2, 0.0F, false};
  EXPECT_EQ(numbers_of(answers_of(bent, whole.answers)), numbers_of(answers));
  EXPECT_EQ(numbers_of(answers_of(whole.training, whole.answers)), numbers_of(whole.answers));
  EXPECT_EQ(bent.max_abs_logit_diff, 100.0);
  EXPECT_NE(bent.logits_hash, whole.training.logits_hash);
  EXPECT_EQ(bent.first_differing_layer, "") << "these targets do not show their steps";
  EXPECT_EQ(whole.stated.losses.size(), 100U);
  EXPECT_EQ(whole.stated.confidences.size(), 90U);

  for (const std::size_t chunk_logits : {1U, 5U, 37U, 250U}) {
    InventedTarget again("trainer");
    const Comparison parts = *set.with(chunk_logits, &again);
    EXPECT_LE(again.largest_chunk, std::max<std::size_t>(chunk_logits, 5));
    EXPECT_EQ(parts.training.logits_hash, whole.training.logits_hash) << chunk_logits;
    EXPECT_EQ(numbers_of(parts.answers), numbers_of(whole.answers)) << chunk_logits;
    EXPECT_EQ(parts.training.primary_metric, whole.training.primary_metric) << chunk_logits;
    EXPECT_EQ(parts.stated.losses, whole.stated.losses) << chunk_logits;
    EXPECT_EQ(parts.targets[1].differing_bits_rows, 3U) << chunk_logits;
    EXPECT_EQ(parts.targets[1].first_differing_row, 17U) << chunk_logits;
    EXPECT_EQ(parts.targets[1].prediction_changes, 2U) << chunk_logits;
    EXPECT_EQ(parts.targets[1].logits_hash, bent.logits_hash) << chunk_logits;
    EXPECT_EQ(parts.targets[0].median_microseconds, 50.0) << chunk_logits;
  }
}

TEST(Comparison, WithoutATrainerTheFirstThatRunsIsTheMeasure) {
  InventedRows set(50, 5);
  set.targets.push_back(std::make_unique<UnavailableTarget>("absent", "not here"));
  set.targets.push_back(std::make_unique<InventedTarget>("first"));
  set.targets.push_back(std::make_unique<InventedTarget>("second", bend_three_rows));
  const Comparison result = *set.with(60, nullptr);
  EXPECT_FALSE(result.training.ran);
  EXPECT_TRUE(result.stated.losses.empty());
  ASSERT_EQ(result.targets.size(), 3U);
  EXPECT_FALSE(result.targets[0].ran);
  EXPECT_EQ(result.targets[0].why_not, "not here");
  EXPECT_EQ(result.targets[1].differing_bits_rows, 0U);
  EXPECT_EQ(result.targets[2].differing_bits_rows, 3U);
}

TEST(Comparison, ATargetThatStopsIsNotRunAndAnErrorEndsAll) {
  InventedRows set(50, 5);
  auto* stops = new InventedTarget("stops");
  set.targets.emplace_back(stops);
  set.targets.push_back(std::make_unique<InventedTarget>("equal"));
  InventedTarget trainer("trainer", [&](std::size_t row, std::span<float>) {
    if (row == 30) stops->stop_with("its library went away");
  });
  const Comparison result = *set.with(60, &trainer);
  EXPECT_FALSE(result.targets[0].ran);
  EXPECT_EQ(result.targets[0].why_not, "its library went away");
  EXPECT_EQ(result.targets[0].rows, 0U);
  EXPECT_EQ(result.targets[1].rows, 50U);

  InventedTarget fails("trainer");
  fails.failure = Error{ErrorCode::kIo, "broken"};
  const Result<Comparison> failed = set.with(60, &fails);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "broken");
}

TEST(Comparison, AChunkThatATargetLeavesOutIsFound) {
  // The memory of the chunk before is zeroed, so that a target's silence is not an answer.
  class Sleepy : public InventedTarget {
   public:
    using InventedTarget::InventedTarget;
    Status logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) override {
      return chunk.begin == 20 ? Status() : InventedTarget::logits(chunk, logits, microseconds);
    }
  };
  InventedRows set(50, 5);
  set.targets.push_back(std::make_unique<Sleepy>("sleepy"));
  InventedTarget trainer("trainer");
  const Comparison result = *set.with(50, &trainer);
  EXPECT_EQ(result.targets[0].differing_bits_rows, 10U);
  EXPECT_EQ(result.targets[0].first_differing_row, 20U);
  EXPECT_NE(result.targets[0].logits_hash, result.training.logits_hash);
}

TEST(Comparison, ProgressCountsTheRowsOfAllTargets) {
  InventedRows set(50, 5);
  set.targets.push_back(std::make_unique<UnavailableTarget>("absent", "not here"));
  InventedTarget trainer("trainer");
  std::vector<std::uint64_t> told;
  const auto tell = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_EQ(total, 100U);
    told.push_back(done);
  };
  ASSERT_TRUE(compare_targets({*set.reader, set.table, set.inputs, 5}, &trainer, set.targets, {100, tell}));
  EXPECT_EQ(told, (std::vector<std::uint64_t>{20, 40, 60, 80, 90, 100}));
}

TEST(Comparison, StatedProbabilitiesAreThoseOfTheWholeSet) {
  format::TaskContents task{{"a", "b", "c"}, -1, spec::TaskKind::kMultiLabel};
  task.temperature = 1.5F;
  const auto reader = *train::TaskReader::create(task);
  data::ExampleTable table;
  table.task = task.kind;
  table.classes = 3;
  for (std::size_t row = 0; row < 40; ++row) {
    data::Record record;
    record.text = std::to_string(row);
    if (row % 5 != 0) record.gold_values = {1.0F, 0.0F, 1.0F};
    table.append(record, std::vector<std::uint32_t>{2, 3});
  }
  const train::ModelInputs inputs = test::inputs_of(table);
  const auto stated = [&](std::size_t chunk_logits) {
    InventedTarget trainer("trainer");
    return compare_targets({*reader, table, inputs, 3}, &trainer, {}, {chunk_logits, {}})->stated;
  };
  const train::StatedFigures whole = stated(kChunkLogits), parts = stated(20);
  ASSERT_EQ(whole.probabilities.size(), 120U);
  EXPECT_TRUE(whole.losses.empty());
  EXPECT_EQ(parts.probabilities, whole.probabilities);
  train::DatasetLogits logits = train::DatasetLogits::make(inputs, 3, false);
  const HeldOutRows rows{*reader, table, inputs, 3};
  std::vector<double> times;
  ASSERT_TRUE(InventedTarget("trainer").logits({rows, 0, 40}, logits, times));
  std::vector<float> expected(120);
  runtime::probabilities_of(logits.values, format::decision_of(task), expected.data());
  EXPECT_EQ(whole.probabilities, expected);
}

// Three windows in each second row, none in each seventh.
TEST(Chunk, RowsStayWhole) {
  const auto reader =
      *train::TaskReader::create({{"O", "B-x", "I-x"}, -1, spec::TaskKind::kTag}, tests::tiny_tokenizer(90), 14);
  data::ExampleTable table;
  table.task = spec::TaskKind::kTag;
  table.classes = 3;
  train::ModelInputs inputs;
  for (std::size_t row = 0; row < 60; ++row) {
    data::Record record;
    record.text = "a";
    table.append(record, {});
    for (std::size_t w = 0; w < (row % 7 == 0 ? 0 : row % 2 == 0 ? 1 : 3); ++w) {
      inputs.token_ids.insert(inputs.token_ids.end(), 2 + w, 3U);
      inputs.starts.push_back(inputs.token_ids.size());
    }
    inputs.row_sequences.push_back(inputs.sequences());
  }
  const HeldOutRows rows{*reader, table, inputs, 3};
  for (const std::size_t most : {std::size_t{1}, std::size_t{20}, std::size_t{40}, kChunkLogits}) {
    std::size_t begin = 0, sequence = 0, all = 0;
    train::DatasetLogits logits;
    while (begin < 60) {
      const Chunk chunk = chunk_from(rows, begin, most);
      ASSERT_GT(chunk.rows(), 0U);
      EXPECT_EQ(chunk.begin, begin);
      EXPECT_EQ(chunk.first_sequence(), sequence);
      chunk.make_room(logits);
      EXPECT_TRUE(chunk.rows() == 1 || logits.values.size() <= most);
      for (; sequence < chunk.end_sequence(); ++sequence) {
        ASSERT_EQ(logits.sequence(sequence).size(), inputs.ids(sequence).size() * 3);
      }
      all += logits.values.size();
      begin = chunk.end;
    }
    EXPECT_EQ(begin, 60U);
    EXPECT_EQ(sequence, inputs.sequences());
    EXPECT_EQ(all, inputs.token_ids.size() * 3);
  }
}

// Bytes of heap that a comparison of `rows` rows of 1,000 classes needs in addition, at its largest.
std::size_t memory_of(std::size_t rows) {
  InventedRows set(rows, 1000);
  set.targets.push_back(std::make_unique<InventedTarget>("equal"));
  set.targets.push_back(std::make_unique<InventedTarget>("bent", bend_three_rows));
  InventedTarget trainer("trainer");
  const struct mallinfo2 before = mallinfo2();
  const Comparison result = *set.with(kChunkLogits, &trainer);
  EXPECT_EQ(result.targets[0].rows, rows);
  EXPECT_EQ(result.targets[1].differing_bits_rows, 3U);
  EXPECT_LE(trainer.largest_chunk, kChunkLogits);
  std::size_t most = trainer.most_memory;
  for (const auto& target : set.targets) {
    most = std::max(most, static_cast<const InventedTarget&>(*target).most_memory);
  }
  return most - (before.uordblks + before.hblkhd);
}

// All logits of one target would be 40 MB. (mallinfo2 tells nothing under a sanitizer.)
TEST(Comparison, LogitsOfAChunkAreInMemoryNotAll) { EXPECT_LT(memory_of(10'000), 20U << 20U); }

}  // namespace
}  // namespace noggin::exporter
