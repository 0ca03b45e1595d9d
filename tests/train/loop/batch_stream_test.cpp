#include "train/loop/batch_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "data/shards/shard.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/format_random_model.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

using torch::Tensor;

constexpr std::uint32_t kRows = 50;  // in shards of 20, 20 and 10
constexpr std::uint32_t kUnknown = 999;
constexpr std::int64_t kLongText = 200;  // row 7: enough tokens to count dropped words

// Row i has label i, so that a batch says which rows it holds.
class Stream : public testing::Test {
 protected:
  Stream() {
    test::Random random(4);
    auto writer = data::ShardWriter::create(folder_.file("train"), kRows, 3, 1, 20);
    for (std::uint32_t i = 0; i < kRows; ++i) {
      std::vector<std::uint32_t> tokens(i == 7 ? kLongText : 3 + random.below(9));
      for (std::uint32_t& token : tokens) token = static_cast<std::uint32_t>(10 + random.below(80));
      data::Record record;
      record.id = std::to_string(i);
      record.text = "row " + std::to_string(i);
      record.label = static_cast<std::int32_t>(i);
      if (i % 5 != 0) record.teacher = {{static_cast<std::int32_t>(i), 0}, {0.75F, 0.125F}};
      EXPECT_TRUE(writer->append(record, tokens));
      tokens_[static_cast<int>(i)] = tokens;
    }
    shards_ = *writer->finish();
    options_.sampler.seed = 3;
    options_.sampler.batch_rows = 8;
    options_.unknown_id = kUnknown;
  }

  static std::vector<std::int64_t> rows_of(const TrainingBatch& batch) {
    return {batch.labels.const_data_ptr<std::int64_t>(),
            batch.labels.const_data_ptr<std::int64_t>() + batch.labels.numel()};
  }
  std::vector<std::vector<std::int64_t>> epoch(BatchStream& stream, std::uint64_t number) const {
    std::vector<std::vector<std::int64_t>> batches;
    for (std::uint64_t step = 0; step < stream.steps_per_epoch(8); ++step) {
      batches.push_back(rows_of(stream.batch(number, step, options_)));
    }
    return batches;
  }

  test::TemporaryFolder folder_;
  std::vector<std::string> shards_;
  std::map<int, std::vector<std::uint32_t>> tokens_;
  BatchOptions options_;
};

TEST_F(Stream, EveryRowComesOncePerEpoch) {
  BatchStream stream(shards_);
  ASSERT_EQ(shards_.size(), 3U);
  EXPECT_EQ(stream.rows(), kRows);
  EXPECT_EQ(stream.steps_per_epoch(8), 3U + 3U + 2U);
  for (const std::uint64_t number : {0, 1, 1'000'000}) {
    std::vector<int> seen(kRows);
    for (const auto& batch : epoch(stream, number)) {
      for (const std::int64_t row : batch) ++seen[static_cast<std::size_t>(row)];
    }
    EXPECT_THAT(seen, testing::Each(1)) << "epoch " << number;
  }
}

TEST_F(Stream, IsAFunctionOfSeedEpochAndStepAlone) {
  BatchStream in_order(shards_), jumping(shards_);
  const auto expected = epoch(in_order, 2);
  for (const std::uint64_t step : {7, 0, 3, 3, 5, 1}) {
    jumping.batch(step, 0, options_);  // another epoch in between
    EXPECT_EQ(rows_of(jumping.batch(2, step, options_)), expected[step]) << "step " << step;
  }
  EXPECT_NE(epoch(in_order, 3), expected);
  options_.sampler.seed = 4;
  BatchStream reseeded(shards_);
  EXPECT_NE(epoch(reseeded, 2), expected);
}

TEST_F(Stream, ShardsComeInAnotherOrderEveryEpoch) {
  BatchStream stream(shards_);
  std::set<std::int64_t> first_shards;
  for (std::uint64_t number = 0; number < 12; ++number) {
    first_shards.insert(rows_of(stream.batch(number, 0, options_))[0] / 20);
  }
  EXPECT_EQ(first_shards.size(), 3U);
}

TEST_F(Stream, ABatchHoldsItsRowsTokensAndTeachers) {
  BatchStream stream(shards_);
  for (std::uint64_t step = 0; step < 8; ++step) {
    const TrainingBatch batch = stream.batch(0, step, options_);
    const std::vector<std::int64_t> rows = rows_of(batch);
    std::vector<std::int64_t> expected;
    for (const std::int64_t row : rows) {
      for (const std::uint32_t token : tokens_.at(static_cast<int>(row))) expected.push_back(token);
    }
    EXPECT_TRUE(torch::equal(batch.packed.token_ids, torch::tensor(expected, torch::kInt64)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto index = static_cast<std::int64_t>(i);
      const bool taught = rows[i] % 5 != 0;
      EXPECT_TRUE(
          torch::equal(batch.teacher.classes[index],
                       taught ? torch::tensor({rows[i], std::int64_t{0}, std::int64_t{-1}}) : torch::full({3}, -1L)));
      EXPECT_TRUE(torch::equal(batch.teacher.probabilities[index],
                               taught ? torch::tensor({0.75F, 0.125F, 0.0F}) : torch::zeros({3})));
    }
  }
}

TEST_F(Stream, TokenDropoutReplacesInnerTokensOnlyAndAgainTheSame) {
  options_.token_dropout = 0.3;
  BatchStream stream(shards_), again(shards_);
  std::map<std::uint64_t, std::vector<std::int64_t>> dropped;  // of the long row, by epoch
  for (std::uint64_t number = 0; number < 2; ++number) {
    for (std::uint64_t step = 0; step < 8; ++step) {
      const TrainingBatch batch = stream.batch(number, step, options_);
      const Tensor ids = batch.packed.token_ids;
      EXPECT_TRUE(torch::equal(ids, again.batch(number, step, options_).packed.token_ids));
      std::int64_t at = 0;
      for (const std::int64_t row : rows_of(batch)) {
        const auto& original = tokens_.at(static_cast<int>(row));
        const auto length = static_cast<std::int64_t>(original.size());
        EXPECT_EQ(ids[at].item<std::int64_t>(), original.front());
        EXPECT_EQ(ids[at + length - 1].item<std::int64_t>(), original.back());
        for (std::int64_t t = 0; t < length; ++t) {
          const std::int64_t id = ids[at + t].item<std::int64_t>();
          if (id == kUnknown && row == 7) dropped[number].push_back(t);
          EXPECT_TRUE(id == kUnknown || id == original[static_cast<std::size_t>(t)]);
        }
        at += length;
      }
    }
  }
  for (const auto& [number, positions] : dropped) {
    EXPECT_NEAR(static_cast<double>(positions.size()), 0.3 * kLongText, 20.0);  // three deviations
  }
  EXPECT_NE(dropped[0], dropped[1]) << "each epoch drops other words";
}

TEST_F(Stream, WhatCannotBeReadIsNamed) {
  EXPECT_THROW(BatchStream({}), Failure);
  try {
    BatchStream stream({shards_[0], folder_.file("gone.h5")});
    ADD_FAILURE() << "did not fail";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kBadData);
    EXPECT_THAT(failure.what(), testing::HasSubstr("gone.h5"));
  }
}

}  // namespace
}  // namespace noggin::train
