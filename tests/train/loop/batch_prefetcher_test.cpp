// What is read ahead is what would have been read in its place, whatever is asked for and whatever goes wrong.
#include "train/loop/batch_prefetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "data/shards/shard.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/format_random_model.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

constexpr std::uint32_t kPrefetchedRows = 50;  // in shards of 20, 20 and 10: 8 steps of 8 rows an epoch

class Prefetcher : public testing::Test {
 protected:
  Prefetcher() {
    test::Random random(4);
    auto writer = data::ShardWriter::create(folder_.file("train"), kPrefetchedRows, 3, 1, 20);
    for (std::uint32_t i = 0; i < kPrefetchedRows; ++i) {
      std::vector<std::uint32_t> tokens(3 + random.below(9));
      for (std::uint32_t& token : tokens) token = static_cast<std::uint32_t>(10 + random.below(80));
      data::Record record;
      record.id = record.text = "row " + std::to_string(i);
      record.label = static_cast<std::int32_t>(i);
      EXPECT_TRUE(writer->append(record, tokens));
    }
    shards_ = *writer->finish();
    options_.sampler.seed = 3;
    options_.sampler.batch_rows = 8;
    options_.token_dropout = 0.3;
    options_.unknown_id = 1;
  }

  BatchRequest request(std::uint64_t epoch, std::uint64_t step) const { return {epoch, step, options_}; }
  void expect_batch(const TrainingBatch& batch, const BatchRequest& wanted) const {
    const TrainingBatch expected = BatchStream(shards_).batch(wanted.epoch, wanted.step, wanted.options);
    EXPECT_TRUE(torch::equal(batch.packed.token_ids, expected.packed.token_ids)) << wanted.epoch << ", " << wanted.step;
    EXPECT_TRUE(torch::equal(batch.labels, expected.labels)) << wanted.epoch << ", " << wanted.step;
  }

  test::TemporaryFolder folder_;
  std::vector<std::string> shards_;
  BatchOptions options_;
};

TEST_F(Prefetcher, GivesTheStreamsBatchesOverShardsAndEpochs) {
  BatchPrefetcher batches{BatchStream(shards_)};
  for (std::uint64_t step = 0; step < 20; ++step) {
    expect_batch(batches.take(request(step / 8, step % 8)), request(step / 8, step % 8));
    batches.prefetch(request((step + 1) / 8, (step + 1) % 8));
  }
}

TEST_F(Prefetcher, WhatIsNotWantedIsDropped) {
  BatchPrefetcher batches{BatchStream(shards_)};
  batches.prefetch(request(0, 1));
  expect_batch(batches.take(request(5, 7)), request(5, 7));  // another batch
  batches.prefetch(request(5, 6));
  batches.prefetch(request(0, 2));  // another prefetch
  expect_batch(batches.take(request(0, 2)), request(0, 2));
  batches.prefetch(request(0, 3));
  options_.token_dropout = 0.0;  // the same batch, made otherwise
  expect_batch(batches.take(request(0, 3)), request(0, 3));
}

TEST_F(Prefetcher, AFailureComesWhereTheBatchIsAskedForAndNowhereElse) {
  BatchPrefetcher batches{BatchStream(shards_)};
  batches.take(request(0, 0));  // one shard of three is open
  for (const std::string& shard : shards_) std::filesystem::remove(shard);
  batches.prefetch(request(0, 7));
  EXPECT_THROW(batches.take(request(0, 7)), Failure);
  batches.prefetch(request(0, 7));  // nobody asks: the destructor ends it without a word
}

TEST_F(Prefetcher, EndsWhileABatchIsMade) {
  for (int i = 0; i < 20; ++i) {
    BatchPrefetcher batches{BatchStream(shards_)};
    batches.prefetch(request(0, 7));
  }
}

}  // namespace
}  // namespace noggin::train
