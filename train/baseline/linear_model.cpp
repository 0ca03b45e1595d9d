#include "train/baseline/linear_model.h"

#include <Eigen/Core>
#include <cmath>
#include <utility>

#include "data/shards/sampler.h"

namespace noggin::train {
namespace {

using Vector = Eigen::Map<Eigen::VectorXf>;
using ConstVector = Eigen::Map<const Eigen::VectorXf>;

// Initial value of the AdaGrad sums. With ~0 the first steps of rare features are far too large: on a CLINC-sized task
// (31k rows, 151 classes) 1e-8 cost half a point of accuracy compared with 0.01; 0.03 and 0.1 were no better.
constexpr float kInitialSquares = 0.01F;

class AdaGrad {
 public:
  AdaGrad(LinearModel& model, const LinearOptions& options)
      : model_(model), options_(options), squares_(model.weights.size() / model.classes + 1, kInitialSquares) {}

  void step(std::span<const SparseFeature> features, std::span<const float> gradient_of_logits) {
    const auto classes = static_cast<Eigen::Index>(model_.classes);
    const ConstVector gradient(gradient_of_logits.data(), classes);
    const float mean_square = gradient.squaredNorm() / static_cast<float>(classes);
    for (const SparseFeature& feature : features) {
      const float rate = learning_rate(squares_[feature.index], mean_square, feature.value);
      Vector weights(model_.weights.data() + std::size_t{feature.index} * model_.classes, classes);
      weights = (1.0F - rate * options_.l2) * weights - (rate * feature.value) * gradient;
    }
    Vector(model_.bias.data(), classes) -= learning_rate(squares_.back(), mean_square, 1.0F) * gradient;
  }

 private:
  float learning_rate(float& squares, float mean_square, float value) const {
    squares += mean_square * value * value;
    return options_.learning_rate / std::sqrt(squares);
  }

  LinearModel& model_;
  const LinearOptions& options_;
  std::vector<float> squares_;  // [F + 1], the bias last
};

}  // namespace

void scale_to_length_one(std::span<SparseFeature> features) {
  float square_sum = 0.0F;
  for (const SparseFeature& feature : features) square_sum += feature.value * feature.value;
  const float scale = square_sum > 0.0F ? 1.0F / std::sqrt(square_sum) : 0.0F;
  for (SparseFeature& feature : features) feature.value *= scale;
}

void LinearModel::logits(std::span<const SparseFeature> features, std::span<float> into) const {
  const auto count = static_cast<Eigen::Index>(classes);
  Vector sum(into.data(), count);
  sum = ConstVector(bias.data(), count);
  for (const SparseFeature& feature : features)
    sum += feature.value * ConstVector(weights_of(feature.index).data(), count);
}

void learn(LinearModel& model, std::size_t examples, const LinearOptions& options,
           const std::function<std::span<const SparseFeature>(std::size_t)>& features_of,
           const std::function<void(std::size_t, std::span<float>)>& gradient_of) {
  if (examples == 0 || model.classes == 0) return;
  AdaGrad optimizer(model, options);
  std::vector<float> gradient(model.classes);
  std::vector<std::size_t> order(examples);
  for (std::uint64_t epoch = 0; epoch < options.epochs; ++epoch) {
    for (std::size_t i = 0; i < examples; ++i) order[i] = i;
    for (std::size_t i = examples; i > 1; --i) {  // Fisher-Yates
      std::swap(order[i - 1], order[data::random_bits(options.seed, epoch, i) % i]);
    }
    for (const std::size_t example : order) {
      const std::span<const SparseFeature> features = features_of(example);
      model.logits(features, gradient);
      gradient_of(example, gradient);
      optimizer.step(features, gradient);
      options.between_steps();
    }
  }
}

}  // namespace noggin::train
