// Second-order pruning of feed-forward neurons: observes what the neurons of each layer say, and takes away those that
// the others can stand in for (least_squares_removal.h).
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "train/model/forward.h"

namespace noggin::train {

// Runs as FloatArithmetic and sums the second moments of each layer's neurons over all tokens: [F + 1, F + 1], the last
// one a constant 1 that stands for the bias. Memory: 8 (F + 1)^2 bytes a layer.
class NeuronMoments : public FloatArithmetic {
 public:
  // The student that is observed; it must outlive this object.
  explicit NeuronMoments(const Student& student);
  Tensor feed_forward(const Tensor& x, const EncoderLayer& layer, const Linear& down) override;

  // Masks `counts[l]` more neurons of layer l, and refits weight and bias of its ffn_down on those that are left, so
  // that its output on the observed tokens changes least. Other masks stay. On the CPU, in double.
  void remove(Student& student, const std::vector<std::int64_t>& counts) const;

 private:
  const Student& student_;
  std::vector<Eigen::MatrixXd> moments_;
};

}  // namespace noggin::train
