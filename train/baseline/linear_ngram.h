// The baseline every student must beat: logistic regression on hashed word 1-2-grams and character 3-5-grams, trained on
// the same rows (soft teacher targets where present, gold labels where given): multinomial for single_label, one for each
// class (one-vs-rest) for multi_label and score.
//
// Features of a text: (1 + ln count) * idf per bucket seen in training, scaled to length 1 (spec::ngram_value); idf =
// sqrt(1 + ln((1 + N) / (1 + rows with the bucket))); the root was worth 0.3 points. Unseen buckets are dropped.
//
// Targets of a row: the teacher's listed classes keep their probabilities; its tail, 1 - sum, is one bucket, so that
// the loss of the unlisted classes is -tail * ln(sum of their model probabilities), as in distill/. Its gradient is
// that of a target which shares the tail among them in the proportion the model has at that moment. A gold label is
// mixed in: (1 - gold_weight) * teacher + gold_weight * one_hot; a row without teacher has the one_hot alone. One-vs-rest
// mixes the gold values of the classes in the same way; there a class that the teacher does not list has 0.
//
// Optimizer: one row a step, AdaGrad (Duchi et al. 2011) with one accumulator per feature, the mean square of its C
// gradients, instead of one per weight: half the memory traffic, no vector root.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/shard.h"

namespace noggin::train {

struct LinearNgramOptions {
  std::uint32_t buckets = 1U << 18;   // hash space
  std::uint32_t epochs = 12;
  float learning_rate = 0.4F;         // AdaGrad
  float l2 = 1e-6F;
  float gold_weight = 0.5F;           // weight of gold cross-entropy where a row has both gold and teacher
  std::uint64_t seed = 1;
  std::uint32_t max_features = 0;     // buckets kept at most, 0: all. Trains once with all, then again with those whose
                                      // weights move the training rows most: rows with the bucket * (idf * |weights|)^2
};

class LinearNgram {
 public:
  // Uses every row that has a teacher or a label. Deterministic on one machine: one thread, fixed order.
  // Memory: about 2 KB a row for its features, plus features seen * C floats.
  static LinearNgram train(const data::RowBlock& rows, const LinearNgramOptions& options);

  std::uint32_t classes() const { return classes_; }
  std::vector<float> logits(std::string_view text) const;  // [C]
  std::int32_t predict(std::string_view text) const;       // argmax, lowest class on ties
  std::size_t nonzero_weights() const;                     // features seen * C: what a shipped file would hold

  // What an exporter needs: the features in rising order of their buckets.
  struct FeatureView {
    std::uint32_t bucket;
    float inverse_document_frequency;
    std::span<const float> weights;  // [C]
  };
  std::vector<FeatureView> features() const;
  std::uint32_t buckets() const { return buckets_; }
  std::span<const float> bias() const { return bias_; }    // [C]

 private:
  struct Feature {
    std::uint32_t index;  // row of weights_
    float value;
  };
  static constexpr std::uint32_t kUnseen = 0xFFFFFFFFU;

  std::vector<Feature> features_of(std::string_view text) const;
  void compute_logits(std::span<const Feature> features, std::span<float> logits) const;

  std::uint32_t classes_ = 0, buckets_ = 0;
  std::vector<std::uint32_t> index_of_bucket_;             // [buckets]: row of weights_, or kUnseen
  std::vector<float> inverse_document_frequency_;          // [F]
  std::vector<float> weights_;                             // [F, C], F features seen
  std::vector<float> bias_;                                // [C]

  friend class LinearNgramTrainer;
};

}  // namespace noggin::train
