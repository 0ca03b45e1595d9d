// The training rows as a stream of batches: a pure function of (seed, epoch, step in the epoch), so that resuming needs
// only those numbers. Holds one shard in memory at a time, whatever the size of the set; the order of shards changes
// every epoch, and rows are shuffled and grouped by length inside a shard (data/shards/sampler.h).
#pragma once

#include <string>
#include <vector>

#include "data/shards/example_table.h"
#include "data/shards/sampler.h"
#include "distill/losses.h"
#include "train/augment/tag_augmentation.h"
#include "train/loop/shipped_answers.h"
#include "train/model/packed_batch.h"

namespace noggin::train {

// R: B texts, or all their N tokens if the task answers per token.
struct TrainingBatch {
  PackedBatch packed;
  distill::TeacherTargets teacher;  // [R, K]
  distill::TeacherTargets shipped;  // [R, K']: right answers of the shipped model; undefined without one
  torch::Tensor labels;             // [R] int64, -1: none
  torch::Tensor gold_values;        // [B, C] in [0, 1], only for multi_label and score; used where labels >= 0
};

struct BatchOptions {
  data::SamplerOptions sampler;
  double token_dropout = 0.0;  // probability that a token between the special ones becomes unknown_id
  std::uint32_t unknown_id = 0;
  AugmentationOptions augmentation;          // tag
  const TagAugmentation* augment = nullptr;  // needed when augmentation.any(); outlives the call
  ShippedAnswers* shipped = nullptr;         // outlives the call; used by the thread that makes the batch
  torch::Device device = torch::kCPU;
  bool operator==(const BatchOptions&) const = default;
};

class BatchStream {
 public:
  // Reads each shard once for its size; throws Failure on an unreadable or empty set.
  explicit BatchStream(std::vector<std::string> shards);

  std::uint64_t rows() const { return rows_; }
  std::uint64_t steps_per_epoch(std::uint32_t batch_rows) const;
  // Batch `step` (< steps_per_epoch) of `epoch`. Cheapest in order.
  TrainingBatch batch(std::uint64_t epoch, std::uint64_t step, const BatchOptions& options);

 private:
  void open_epoch(std::uint64_t epoch, const BatchOptions& options);
  void open_shard(std::size_t position, const BatchOptions& options);

  std::vector<std::string> shards_;
  std::vector<std::uint64_t> shard_rows_;
  std::uint64_t rows_ = 0;

  // The open epoch and shard.
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  std::uint64_t epoch_ = kNone;
  std::vector<std::size_t> shard_order_;
  std::size_t position_ = 0;  // in shard_order_
  std::size_t loaded_shard_ = static_cast<std::size_t>(-1);
  data::ExampleTable block_;
  std::uint64_t first_step_ = 0;  // of the open shard
  std::vector<std::vector<std::uint32_t>> batches_;
};

}  // namespace noggin::train
