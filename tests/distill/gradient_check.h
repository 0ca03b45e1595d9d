// A loss's gradient against central differences, in doubles.
#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <functional>

namespace noggin::test {

// at: any shape, float64. Every element is moved by 1e-5 both ways.
inline void expect_gradient(const std::function<torch::Tensor(const torch::Tensor&)>& loss, const torch::Tensor& at,
                            double tolerance = 1e-7) {
  at::set_num_threads(1);  // tensors of some ten numbers: threads would only wait for each other
  const torch::Tensor point = at.detach().clone().requires_grad_(true);
  loss(point).backward();
  const torch::Tensor gradient = point.grad().flatten();
  for (std::int64_t i = 0; i < gradient.numel(); ++i) {
    const auto moved = [&](double by) {
      torch::Tensor other = at.detach().clone().contiguous();
      other.flatten()[i] += by;
      return loss(other).item<double>();
    };
    EXPECT_NEAR(gradient[i].item<double>(), (moved(1e-5) - moved(-1e-5)) / 2e-5, tolerance) << "element " << i;
  }
}

}  // namespace noggin::test
