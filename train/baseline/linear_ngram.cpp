#include "train/baseline/linear_ngram.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "data/sampler.h"
#include "spec/formulas.h"
#include "train/baseline/ngram_features.h"

namespace noggin::train {
namespace {

using Vector = Eigen::Map<Eigen::VectorXf>;
using ConstVector = Eigen::Map<const Eigen::VectorXf>;

// Where the AdaGrad sums start. With ~0 the first steps of rare features are far too long: on a CLINC-sized task (31k
// rows, 151 classes) 1e-8 cost half a point of accuracy against 0.01; 0.03 and 0.1 were no better.
constexpr float kInitialSquares = 0.01F;

// logits [C] -> probabilities [C], in place.
void softmax(Vector logits) {
  logits.array() -= logits.maxCoeff();
  logits = logits.array().exp();
  logits /= logits.sum();
}

// One-vs-rest: logits -> probabilities minus targets, in place.
void subtract_values(const data::RowBlock& rows, std::size_t row, float gold_weight, Vector logits) {
  logits = (1.0F + (-logits.array()).exp()).inverse();
  const std::span<const float> gold = rows.gold_values_of(row);
  const float gold_share = gold.empty() ? 0.0F : (rows.has_teacher(row) ? gold_weight : 1.0F);
  for (std::size_t c = 0; c < gold.size(); ++c) logits[static_cast<Eigen::Index>(c)] -= gold_share * gold[c];
  const std::span<const std::int32_t> classes = rows.teacher_classes_of(row);
  const std::span<const float> teacher = rows.teacher_probabilities_of(row);
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (classes[k] >= 0) logits[classes[k]] -= (1.0F - gold_share) * teacher[k];
  }
}

// Multinomial: logits -> probabilities minus targets, in place: the gradient of the loss for the logits.
void subtract_targets(const data::RowBlock& rows, std::size_t row, float gold_weight, std::vector<char>& listed,
                      Vector probabilities) {
  const std::int32_t label = rows.label[row];
  const bool has_teacher = rows.has_teacher(row);
  const float gold_share = label == data::kNoLabel ? 0.0F : (has_teacher ? gold_weight : 1.0F);
  const float teacher_share = 1.0F - gold_share;
  if (!has_teacher || teacher_share == 0.0F) {
    if (label != data::kNoLabel) probabilities[label] -= 1.0F;
    return;
  }

  const std::span<const std::int32_t> classes = rows.teacher_classes_of(row);
  const std::span<const float> teacher = rows.teacher_probabilities_of(row);
  float teacher_mass = 0.0F, model_mass = 0.0F;  // of the listed classes
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (classes[k] < 0) continue;
    teacher_mass += teacher[k];
    model_mass += probabilities[classes[k]];
    listed[classes[k]] = 1;
  }
  // Unlisted classes keep p - share * tail * p / p_unlisted, which is p times one factor.
  const float tail = std::max(0.0F, 1.0F - teacher_mass);
  const float unlisted_mass = std::max(1.0F - model_mass, 1e-6F);
  const float unlisted_factor = 1.0F - teacher_share * tail / unlisted_mass;
  for (Eigen::Index c = 0; c < probabilities.size(); ++c) {
    if (!listed[static_cast<std::size_t>(c)]) probabilities[c] *= unlisted_factor;
  }
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (classes[k] < 0) continue;
    probabilities[classes[k]] -= teacher_share * teacher[k];
    listed[classes[k]] = 0;
  }
  if (label != data::kNoLabel) probabilities[label] -= gold_share;
}

}  // namespace

// Holds what only training needs: the rows' features and the AdaGrad accumulators.
class LinearNgramTrainer {
 public:
  // kept: the buckets that may become features; empty: all.
  LinearNgramTrainer(const data::RowBlock& rows, const LinearNgramOptions& options, const std::vector<bool>& kept);
  LinearNgram run();
  // Of what run() gave: which buckets to keep.
  std::vector<bool> most_moving(const LinearNgram& model) const;

 private:
  void find_features(const std::vector<bool>& kept);
  void run_epoch(std::uint64_t epoch);
  void step(std::size_t position);

  const data::RowBlock& rows_;
  const LinearNgramOptions& options_;
  LinearNgram model_;
  std::vector<std::uint32_t> documents_;              // [F]: rows with the feature
  std::vector<std::size_t> used_rows_;                // rows with a teacher or a label
  std::vector<std::uint64_t> offsets_{0};             // [used_rows + 1]: features of the i-th used row
  std::vector<LinearNgram::Feature> features_;
  std::vector<float> squares_;                        // [F + 1]: AdaGrad sums, the bias last
  std::vector<float> gradient_;                       // [C]
  std::vector<char> listed_;                          // [C], scratch, zero between steps
};

LinearNgramTrainer::LinearNgramTrainer(const data::RowBlock& rows, const LinearNgramOptions& options,
                                       const std::vector<bool>& kept)
    : rows_(rows), options_(options) {
  model_.classes_ = rows.classes;
  model_.buckets_ = std::max(options.buckets, 1U);
  model_.index_of_bucket_.assign(model_.buckets_, LinearNgram::kUnseen);
  model_.bias_.assign(rows.classes, 0.0F);
  gradient_.assign(rows.classes, 0.0F);
  listed_.assign(rows.classes, 0);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (rows.has_teacher(row) || rows.label[row] != data::kNoLabel) used_rows_.push_back(row);
  }
  find_features(kept);
}

// Numbers the buckets in the order of first sight, counts documents, then turns counts into weighted unit vectors.
void LinearNgramTrainer::find_features(const std::vector<bool>& kept) {
  for (const std::size_t row : used_rows_) {
    for (const NgramCount& ngram : hashed_ngrams(rows_.text_of(row), model_.buckets_)) {
      if (!kept.empty() && !kept[ngram.bucket]) continue;
      std::uint32_t& index = model_.index_of_bucket_[ngram.bucket];
      if (index == LinearNgram::kUnseen) {
        index = static_cast<std::uint32_t>(documents_.size());
        documents_.push_back(0);
      }
      ++documents_[index];
    }
  }
  for (const std::uint32_t count : documents_) {
    const double ratio = (1.0 + static_cast<double>(used_rows_.size())) / (1.0 + count);
    model_.inverse_document_frequency_.push_back(static_cast<float>(std::sqrt(1.0 + std::log(ratio))));
  }
  for (const std::size_t row : used_rows_) {
    const std::vector<LinearNgram::Feature> found = model_.features_of(rows_.text_of(row));
    features_.insert(features_.end(), found.begin(), found.end());
    offsets_.push_back(features_.size());
  }
  model_.weights_.assign(documents_.size() * model_.classes_, 0.0F);
  squares_.assign(documents_.size() + 1, kInitialSquares);
}

LinearNgram LinearNgramTrainer::run() {
  for (std::uint64_t epoch = 0; epoch < options_.epochs; ++epoch) run_epoch(epoch);
  return std::move(model_);
}

void LinearNgramTrainer::run_epoch(std::uint64_t epoch) {
  std::vector<std::size_t> order(used_rows_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t i = order.size(); i > 1; --i) {  // Fisher-Yates
    std::swap(order[i - 1], order[data::random_bits(options_.seed, epoch, i) % i]);
  }
  for (const std::size_t position : order) step(position);
}

void LinearNgramTrainer::step(std::size_t position) {
  const std::size_t classes = model_.classes_;
  const std::span<const LinearNgram::Feature> features(features_.data() + offsets_[position],
                                                       offsets_[position + 1] - offsets_[position]);
  model_.compute_logits(features, gradient_);
  Vector gradient(gradient_.data(), static_cast<Eigen::Index>(classes));
  if (rows_.has_values()) {
    subtract_values(rows_, used_rows_[position], options_.gold_weight, gradient);
  } else {
    softmax(gradient);
    subtract_targets(rows_, used_rows_[position], options_.gold_weight, listed_, gradient);
  }

  const float mean_square = gradient.squaredNorm() / static_cast<float>(classes);
  const auto learning_rate = [&](float& squares, float value) {
    squares += mean_square * value * value;
    return options_.learning_rate / std::sqrt(squares);
  };
  for (const LinearNgram::Feature& feature : features) {
    const float rate = learning_rate(squares_[feature.index], feature.value);
    Vector weights(model_.weights_.data() + feature.index * classes, static_cast<Eigen::Index>(classes));
    weights = (1.0F - rate * options_.l2) * weights - (rate * feature.value) * gradient;
  }
  Vector(model_.bias_.data(), static_cast<Eigen::Index>(classes)) -= learning_rate(squares_.back(), 1.0F) * gradient;
}

std::vector<bool> LinearNgramTrainer::most_moving(const LinearNgram& model) const {
  std::vector<std::pair<float, std::uint32_t>> moves;  // {how much, bucket}
  for (const LinearNgram::FeatureView& feature : model.features()) {
    const ConstVector weights(feature.weights.data(), static_cast<Eigen::Index>(feature.weights.size()));
    const float idf = feature.inverse_document_frequency;
    const auto documents = static_cast<float>(documents_[model.index_of_bucket_[feature.bucket]]);
    moves.emplace_back(documents * idf * idf * weights.squaredNorm(), feature.bucket);
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(options_.max_features, moves.size()));
  std::partial_sort(moves.begin(), moves.begin() + count, moves.end(), std::greater<>());
  std::vector<bool> kept(model.buckets_);
  for (auto move = moves.begin(); move != moves.begin() + count; ++move) kept[move->second] = true;
  return kept;
}

LinearNgram LinearNgram::train(const data::RowBlock& rows, const LinearNgramOptions& options) {
  std::vector<bool> kept;
  {
    LinearNgramTrainer trainer(rows, options, {});
    LinearNgram model = trainer.run();
    if (options.max_features == 0 || model.inverse_document_frequency_.size() <= options.max_features) return model;
    kept = trainer.most_moving(model);
  }
  return LinearNgramTrainer(rows, options, kept).run();
}

std::vector<LinearNgram::FeatureView> LinearNgram::features() const {
  std::vector<FeatureView> all;
  for (std::uint32_t bucket = 0; bucket < buckets_; ++bucket) {
    const std::uint32_t index = index_of_bucket_[bucket];
    if (index == kUnseen) continue;
    all.push_back({bucket, inverse_document_frequency_[index],
                   std::span(weights_).subspan(std::size_t{index} * classes_, classes_)});
  }
  return all;
}

std::vector<LinearNgram::Feature> LinearNgram::features_of(std::string_view text) const {
  std::vector<Feature> features;
  float square_sum = 0.0F;
  for (const NgramCount& ngram : hashed_ngrams(text, buckets_)) {
    const std::uint32_t index = index_of_bucket_[ngram.bucket];
    if (index == kUnseen) continue;
    const float value = spec::ngram_value(ngram.count, inverse_document_frequency_[index]);
    features.push_back({index, value});
    square_sum += value * value;
  }
  const float scale = square_sum > 0.0F ? 1.0F / std::sqrt(square_sum) : 0.0F;
  for (Feature& feature : features) feature.value *= scale;
  return features;
}

void LinearNgram::compute_logits(std::span<const Feature> features, std::span<float> logits) const {
  Vector sum(logits.data(), static_cast<Eigen::Index>(classes_));
  sum = ConstVector(bias_.data(), static_cast<Eigen::Index>(classes_));
  for (const Feature& feature : features) {
    const std::size_t first = static_cast<std::size_t>(feature.index) * classes_;
    sum += feature.value * ConstVector(weights_.data() + first, static_cast<Eigen::Index>(classes_));
  }
}

std::vector<float> LinearNgram::logits(std::string_view text) const {
  std::vector<float> result(classes_, 0.0F);
  if (classes_ > 0) compute_logits(features_of(text), result);
  return result;
}

std::int32_t LinearNgram::predict(std::string_view text) const {
  const std::vector<float> scores = logits(text);
  return static_cast<std::int32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

std::size_t LinearNgram::nonzero_weights() const { return weights_.size(); }

}  // namespace noggin::train
