// The baseline every student must beat: logistic regression on hashed word 1-2-grams and character 3-5-grams, trained
// on the same rows (soft teacher targets where present, gold labels where given): multinomial for single_label, one
// model per class (one-vs-rest) for multi_label and score.
//
// Features of a text: (1 + ln count) * idf per bucket seen in training, scaled to length 1 (spec::ngram_value); idf =
// sqrt(1 + ln((1 + N) / (1 + rows with the bucket))); the square root gained 0.3 points. Unseen buckets are dropped.
//
// Targets: target_gradient.h. Optimizer: linear_model.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/shards/example_table.h"
#include "train/baseline/linear_model.h"

namespace noggin::train {

struct LinearNgramOptions : LinearOptions {
  std::uint32_t buckets = 1U << 18;  // hash space
  std::uint32_t max_features = 0;    // maximum number of buckets, 0: all. Trains with all, then again with those whose
                                     // weights affect training rows most: rows with the bucket * (idf * |weights|)^2
};

class LinearNgram {
 public:
  // Uses every row that has a teacher or a label. Deterministic on one machine: one thread, fixed order.
  // Memory: about 2 KB per row for its features, plus features seen * C floats.
  static LinearNgram train(const data::ExampleTable& rows, const LinearNgramOptions& options);

  std::uint32_t classes() const { return model_.classes; }
  std::vector<float> logits(std::string_view text) const;  // [C]
  std::int32_t predict(std::string_view text) const;       // argmax, lowest class on ties
  std::size_t nonzero_weights() const;                     // features seen * C: as a shipped file would hold

  // For export: the features in ascending order of their buckets.
  struct FeatureView {
    std::uint32_t bucket;
    float inverse_document_frequency;
    std::span<const float> weights;  // [C]
  };
  std::vector<FeatureView> features() const;
  std::uint32_t buckets() const { return index_.buckets(); }
  std::span<const float> bias() const { return model_.bias; }  // [C]

 private:
  std::vector<SparseFeature> features_of(std::string_view text) const;

  FeatureIndex index_;
  std::vector<float> inverse_document_frequency_;  // [F], F features seen
  LinearModel model_;

  friend class LinearNgramTrainer;
};

}  // namespace noggin::train
