// A linear model over sparse features, and how it learns, for any kind of example: texts (linear_ngram.h) or words
// (linear_tagger.h).
//
// Optimizer: one example per step, AdaGrad (Duchi et al. 2011) with one accumulator per feature, the mean square of its
// C gradients, instead of one per weight: half the memory traffic, no vector square root.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace noggin::train {

struct SparseFeature {
  std::uint32_t index;  // row of the weights
  float value;
};

// Divides the values by their Euclidean length.
void scale_to_length_one(std::span<SparseFeature> features);

// The feature of each hash bucket seen in training, numbered in order of first occurrence.
class FeatureIndex {
 public:
  static constexpr std::uint32_t kUnseen = 0xFFFFFFFFU;
  explicit FeatureIndex(std::uint32_t buckets = 1) : index_of_bucket_(buckets, kUnseen) {}

  std::uint32_t buckets() const { return static_cast<std::uint32_t>(index_of_bucket_.size()); }
  std::uint32_t size() const { return size_; }
  std::uint32_t find(std::uint32_t bucket) const { return index_of_bucket_[bucket]; }
  std::uint32_t find_or_add(std::uint32_t bucket) {
    std::uint32_t& index = index_of_bucket_[bucket];
    if (index == kUnseen) index = size_++;
    return index;
  }

 private:
  std::vector<std::uint32_t> index_of_bucket_;  // [buckets]
  std::uint32_t size_ = 0;
};

struct LinearModel {
  LinearModel() = default;
  LinearModel(std::size_t features, std::uint32_t classes_of_task)
      : classes(classes_of_task), weights(features * classes_of_task), bias(classes_of_task) {}
  void logits(std::span<const SparseFeature> features, std::span<float> into) const;  // [C]
  std::span<const float> weights_of(std::uint32_t feature) const {
    return std::span(weights).subspan(std::size_t{feature} * classes, classes);
  }

  std::uint32_t classes = 0;   // C
  std::vector<float> weights;  // [F, C]
  std::vector<float> bias;     // [C]
};

struct LinearOptions {
  std::uint32_t epochs = 12;
  float learning_rate = 0.4F;  // AdaGrad
  float l2 = 1e-6F;
  float gold_weight = 0.5F;  // weight of gold cross-entropy where an example has both gold and teacher
  std::uint64_t seed = 1;    // for the order of examples, which is new for each epoch
  // Called between examples, many times a second. What it throws ends the training.
  std::function<void()> between_steps = [] {};
};

// Trains `model` from its current weights. features_of(i): the features of example i < examples, valid until the next
// call. gradient_of(i, logits): turns the logits [C] of example i into the gradient of its loss for them, in place
// (target_gradient.h). Deterministic on one machine: one thread, fixed order.
void learn(LinearModel& model, std::size_t examples, const LinearOptions& options,
           const std::function<std::span<const SparseFeature>(std::size_t)>& features_of,
           const std::function<void(std::size_t, std::span<float>)>& gradient_of);

}  // namespace noggin::train
