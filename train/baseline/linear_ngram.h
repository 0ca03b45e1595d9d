// The baseline every student must beat: multinomial logistic regression on hashed word 1-2-grams and character
// 3-5-grams, trained on the same rows (soft teacher targets where present, gold labels where given).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/shard.h"

namespace noggin::train {

struct LinearNgramOptions {
  std::uint32_t buckets = 1U << 18;   // hash space
  std::uint32_t epochs = 12;
  float learning_rate = 0.5F;         // AdaGrad
  float l2 = 1e-6F;
  float gold_weight = 0.5F;           // weight of gold cross-entropy where a row has both gold and teacher
  std::uint64_t seed = 1;
};

class LinearNgram {
 public:
  // Uses every row that has a teacher or a label. Deterministic.
  static LinearNgram train(const data::RowBlock& rows, const LinearNgramOptions& options);

  std::uint32_t classes() const { return classes_; }
  std::vector<float> logits(std::string_view text) const;  // [C]
  std::int32_t predict(std::string_view text) const;       // argmax, lowest class on ties
  std::size_t nonzero_weights() const;                     // features seen * C: what a shipped file would hold

 private:
  std::uint32_t classes_ = 0, buckets_ = 0;
  std::vector<float> weights_;  // [buckets, C]
  std::vector<float> bias_;     // [C]
};

}  // namespace noggin::train
