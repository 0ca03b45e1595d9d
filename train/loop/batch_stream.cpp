#include "train/loop/batch_stream.h"

#include <algorithm>
#include <numeric>

#include "data/shards/shard.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

// Streams of data::random_bits, one per purpose.
constexpr std::uint64_t kShardOrderStream = 0x5348415244ULL;
constexpr std::uint64_t kTokenDropoutStream = 0x44524F50ULL;

std::vector<std::size_t> shuffled_shards(std::size_t count, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i) {
    std::swap(order[i - 1], order[data::random_bits(seed ^ kShardOrderStream, epoch, i) % i]);
  }
  return order;
}

torch::Tensor labels_of(const data::ExampleTable& block, std::span<const std::uint32_t> rows) {
  std::vector<std::int64_t> labels;
  for (const std::uint32_t row : rows) std::ranges::copy(block.label_of(row), std::back_inserter(labels));
  return torch::tensor(labels, torch::kInt64);
}

torch::Tensor gold_values_of(const data::ExampleTable& block, std::span<const std::uint32_t> rows) {
  if (!block.has_values()) return {};
  torch::Tensor values =
      torch::empty({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(block.classes)});
  auto* out = values.data_ptr<float>();
  // Not torch::zeros, which fills large tensors in parallel: the prefetching thread would get its own thread pool.
  std::fill_n(out, values.numel(), 0.0F);
  for (const std::uint32_t row : rows) {
    std::ranges::copy(block.gold_values_of(row), out);  // empty for a row without gold
    out += block.classes;
  }
  return values;
}

distill::TeacherTargets teacher_of(const data::ExampleTable& block, std::span<const std::uint32_t> rows) {
  std::int64_t count = 0;
  for (const std::uint32_t row : rows) count += static_cast<std::int64_t>(block.label_of(row).size());
  const auto width = static_cast<std::int64_t>(block.top_k);
  distill::TeacherTargets targets{torch::empty({count, width}, torch::kInt64), torch::empty({count, width})};
  auto* classes = targets.classes.data_ptr<std::int64_t>();
  auto* probabilities = targets.probabilities.data_ptr<float>();
  for (const std::uint32_t row : rows) {
    classes = std::ranges::copy(block.teacher_classes_of(row), classes).out;
    probabilities = std::ranges::copy(block.teacher_probabilities_of(row), probabilities).out;
  }
  return targets;
}

}  // namespace

BatchStream::BatchStream(std::vector<std::string> shards) : shards_(std::move(shards)) {
  if (shards_.empty())
    throw Failure(ExitCode::kBadData, "there are no training shards. Fix: run `noggin ingest` first");
  for (const std::string& path : shards_) {
    block_ = value_or_throw(data::read_shard(path));
    shard_rows_.push_back(block_.rows());
    rows_ += block_.rows();
  }
  loaded_shard_ = shards_.size() - 1;
  if (rows_ == 0) throw Failure(ExitCode::kBadData, "the training shards hold no rows. Fix: check data.train");
}

std::uint64_t BatchStream::steps_per_epoch(std::uint32_t batch_rows) const {
  std::uint64_t steps = 0;
  for (const std::uint64_t rows : shard_rows_) steps += (rows + batch_rows - 1) / batch_rows;
  return steps;
}

void BatchStream::open_shard(std::size_t position, const BatchOptions& options) {
  position_ = position;
  const std::size_t shard = shard_order_[position];
  if (shard != loaded_shard_) {
    block_ = value_or_throw(data::read_shard(shards_[shard]));
    loaded_shard_ = shard;
  }
  std::vector<std::uint32_t> lengths;
  for (std::size_t row = 0; row < block_.rows(); ++row) {
    lengths.push_back(static_cast<std::uint32_t>(block_.tokens_of(row).size()));
  }
  data::SamplerOptions sampler = options.sampler;
  sampler.seed ^= shard * 0x9E3779B97F4A7C15ULL;  // shards of equal size must not share an order
  batches_ = data::epoch_batches(lengths, epoch_, sampler);
}

void BatchStream::open_epoch(std::uint64_t epoch, const BatchOptions& options) {
  epoch_ = epoch;
  shard_order_ = shuffled_shards(shards_.size(), options.sampler.seed, epoch);
  first_step_ = 0;
  open_shard(0, options);
}

TrainingBatch BatchStream::batch(std::uint64_t epoch, std::uint64_t step, const BatchOptions& options) {
  if (epoch != epoch_ || step < first_step_) open_epoch(epoch, options);
  while (step - first_step_ >= batches_.size()) {
    first_step_ += batches_.size();
    open_shard(position_ + 1, options);
  }
  const bool changes = options.augmentation.any();
  const std::vector<std::uint32_t>& chosen = batches_[step - first_step_];
  const data::ExampleTable changed =
      changes ? options.augment->changed(block_, chosen, options.augmentation, options.sampler.seed, epoch)
              : data::ExampleTable{};
  const data::ExampleTable& block = changes ? changed : block_;
  std::vector<std::uint32_t> rows = chosen;
  if (changes) std::iota(rows.begin(), rows.end(), 0U);

  std::vector<std::vector<std::uint32_t>> tokens;
  std::vector<std::span<const std::uint32_t>> views;
  const std::uint64_t stream = kTokenDropoutStream + epoch;
  for (const std::uint32_t row : rows) {
    const auto original = block.tokens_of(row);
    tokens.emplace_back(original.begin(), original.end());
    for (std::size_t t = 1; options.token_dropout > 0.0 && t + 1 < original.size(); ++t) {
      const std::uint64_t counter = block.key[row] + t;
      if (data::random_unit(options.sampler.seed, stream, counter) < options.token_dropout) {
        tokens.back()[t] = options.unknown_id;
      }
    }
  }
  views.assign(tokens.begin(), tokens.end());
  distill::TeacherTargets teacher = teacher_of(block, rows);
  distill::TeacherTargets shipped;
  if (options.shipped != nullptr) {
    shipped = options.shipped->targets(block, rows);
    shipped = {shipped.classes.to(options.device), shipped.probabilities.to(options.device)};
  }
  const torch::Tensor gold_values = gold_values_of(block, rows);
  return {pack_batch(views, options.device),
          {teacher.classes.to(options.device), teacher.probabilities.to(options.device)},
          shipped,
          labels_of(block, rows).to(options.device),
          gold_values.defined() ? gold_values.to(options.device) : gold_values};
}

}  // namespace noggin::train
