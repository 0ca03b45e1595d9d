#include "train/baseline/linear_ngram.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "spec/formulas.h"
#include "train/baseline/hashed_ngrams.h"
#include "train/baseline/target_gradient.h"

namespace noggin::train {

// State that only training needs: the rows' features.
class LinearNgramTrainer {
 public:
  // kept: the buckets that may become features; empty: all.
  LinearNgramTrainer(const data::ExampleTable& rows, const LinearNgramOptions& options, const std::vector<bool>& kept);
  LinearNgram run();
  // Which buckets of the result of run() to keep.
  std::vector<bool> most_moving(const LinearNgram& model) const;

 private:
  void find_features(const std::vector<bool>& kept);

  const data::ExampleTable& rows_;
  const LinearNgramOptions& options_;
  LinearNgram model_;
  std::vector<std::uint32_t> documents_;   // [F]: rows with the feature
  std::vector<std::size_t> used_rows_;     // rows with a teacher or a label
  std::vector<std::uint64_t> offsets_{0};  // [used_rows + 1]: features of the i-th used row
  std::vector<SparseFeature> features_;
};

LinearNgramTrainer::LinearNgramTrainer(const data::ExampleTable& rows, const LinearNgramOptions& options,
                                       const std::vector<bool>& kept)
    : rows_(rows), options_(options) {
  model_.index_ = FeatureIndex(std::max(options.buckets, 1U));
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (target_of(rows, row).says_something()) used_rows_.push_back(row);
  }
  find_features(kept);
}

// Numbers the buckets, counts documents, then turns counts into weighted unit vectors.
void LinearNgramTrainer::find_features(const std::vector<bool>& kept) {
  for (const std::size_t row : used_rows_) {
    for (const NgramCount& ngram : hashed_ngrams(rows_.text_of(row), model_.buckets())) {
      if (!kept.empty() && !kept[ngram.bucket]) continue;
      const std::uint32_t index = model_.index_.find_or_add(ngram.bucket);
      documents_.resize(model_.index_.size());
      ++documents_[index];
    }
  }
  for (const std::uint32_t count : documents_) {
    const double ratio = (1.0 + static_cast<double>(used_rows_.size())) / (1.0 + count);
    model_.inverse_document_frequency_.push_back(static_cast<float>(std::sqrt(1.0 + std::log(ratio))));
  }
  for (const std::size_t row : used_rows_) {
    const std::vector<SparseFeature> found = model_.features_of(rows_.text_of(row));
    features_.insert(features_.end(), found.begin(), found.end());
    offsets_.push_back(features_.size());
  }
  model_.model_ = LinearModel(documents_.size(), rows_.classes);
}

LinearNgram LinearNgramTrainer::run() {
  TargetGradient gradient(rows_.classes, options_.gold_weight, rows_.has_values());
  const auto features_of = [&](std::size_t i) {
    return std::span<const SparseFeature>(features_).subspan(offsets_[i], offsets_[i + 1] - offsets_[i]);
  };
  learn(model_.model_, used_rows_.size(), options_, features_of,
        [&](std::size_t i, std::span<float> logits) { gradient(target_of(rows_, used_rows_[i]), logits); });
  return std::move(model_);
}

std::vector<bool> LinearNgramTrainer::most_moving(const LinearNgram& model) const {
  std::vector<std::pair<float, std::uint32_t>> moves;  // {effect on the training rows, bucket}
  for (const LinearNgram::FeatureView& feature : model.features()) {
    const Eigen::Map<const Eigen::VectorXf> weights(feature.weights.data(),
                                                    static_cast<Eigen::Index>(feature.weights.size()));
    const float idf = feature.inverse_document_frequency;
    const auto documents = static_cast<float>(documents_[model.index_.find(feature.bucket)]);
    moves.emplace_back(documents * idf * idf * weights.squaredNorm(), feature.bucket);
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(options_.max_features, moves.size()));
  std::partial_sort(moves.begin(), moves.begin() + count, moves.end(), std::greater<>());
  std::vector<bool> kept(model.buckets());
  for (auto move = moves.begin(); move != moves.begin() + count; ++move) kept[move->second] = true;
  return kept;
}

LinearNgram LinearNgram::train(const data::ExampleTable& rows, const LinearNgramOptions& options) {
  std::vector<bool> kept;
  {
    LinearNgramTrainer trainer(rows, options, {});
    LinearNgram model = trainer.run();
    if (options.max_features == 0 || model.index_.size() <= options.max_features) return model;
    kept = trainer.most_moving(model);
  }
  return LinearNgramTrainer(rows, options, kept).run();
}

std::vector<LinearNgram::FeatureView> LinearNgram::features() const {
  std::vector<FeatureView> all;
  for (std::uint32_t bucket = 0; bucket < buckets(); ++bucket) {
    const std::uint32_t index = index_.find(bucket);
    if (index != FeatureIndex::kUnseen)
      all.push_back({bucket, inverse_document_frequency_[index], model_.weights_of(index)});
  }
  return all;
}

std::vector<SparseFeature> LinearNgram::features_of(std::string_view text) const {
  std::vector<SparseFeature> features;
  for (const NgramCount& ngram : hashed_ngrams(text, buckets())) {
    const std::uint32_t index = index_.find(ngram.bucket);
    if (index == FeatureIndex::kUnseen) continue;
    features.push_back({index, spec::ngram_value(ngram.count, inverse_document_frequency_[index])});
  }
  scale_to_length_one(features);
  return features;
}

std::vector<float> LinearNgram::logits(std::string_view text) const {
  std::vector<float> result(classes(), 0.0F);
  model_.logits(features_of(text), result);
  return result;
}

std::int32_t LinearNgram::predict(std::string_view text) const {
  const std::vector<float> scores = logits(text);
  return static_cast<std::int32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

std::size_t LinearNgram::nonzero_weights() const { return model_.weights.size(); }

}  // namespace noggin::train
