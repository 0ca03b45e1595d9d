#include "spec/row_formulas.h"

#include <cmath>

#include "spec/formulas.h"

namespace noggin::spec {
namespace {

// Not necessarily the largest if there is a NaN; then the sum is NaN anyway.
float largest_of(const float* x, std::size_t count) {
  float largest = x[0];
  for (std::size_t i = 1; i < count; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

// 16 strided partial sums, then a fixed tree; f(i) is the i-th element.
template <typename Element>
float row_sum(std::size_t width, Element f) {
  float partial[16] = {};
  for (std::size_t i = 0; i < width; ++i) partial[i % 16] += f(i);
  for (std::size_t half = 8; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) partial[i] += partial[i + half];
  }
  return partial[0];
}

void add(float* x, const float* residual, std::size_t width) {
  if (residual == nullptr) return;
  for (std::size_t i = 0; i < width; ++i) x[i] = x[i] + residual[i];
}

}  // namespace

float softmax_sum(const float* x, std::size_t count, float largest) {
  return softmax_sum(x, count, largest, 1.0F);  // x / 1 is x
}

float softmax_sum(const float* x, std::size_t count, float largest, float temperature) {
  const float highest = largest / temperature;
  float sum = 0.0F;
  for (std::size_t i = 0; i < count; ++i) sum += exp(x[i] / temperature - highest);
  return sum;
}

void softmax(const float* x, std::size_t count, float* out) {
  const float largest = largest_of(x, count), sum = softmax_sum(x, count, largest);
  for (std::size_t i = 0; i < count; ++i) out[i] = exp(x[i] - largest) / sum;
}

void log_softmax(const float* x, std::size_t count, float* out) {
  const float largest = largest_of(x, count), log_sum = log(softmax_sum(x, count, largest));
  for (std::size_t i = 0; i < count; ++i) out[i] = (x[i] - largest) - log_sum;
}

void scale_and_add(float* x, std::size_t width, float word_scale, const std::int8_t* position, float position_scale) {
  for (std::size_t d = 0; d < width; ++d) x[d] = x[d] * word_scale + static_cast<float>(position[d]) * position_scale;
}

void layer_norm(float* x, const float* residual, std::size_t width, const float* gamma, const float* beta,
                float epsilon) {
  add(x, residual, width);
  const auto count = static_cast<float>(width);
  const float mean = row_sum(width, [&](std::size_t i) { return x[i]; }) / count;
  const float variance = row_sum(width, [&](std::size_t i) { return (x[i] - mean) * (x[i] - mean); }) / count;
  const float inverse = 1.0F / std::sqrt(variance + epsilon);
  for (std::size_t i = 0; i < width; ++i) x[i] = ((x[i] - mean) * inverse) * gamma[i] + beta[i];
}

void rms_norm(float* x, const float* residual, std::size_t width, const float* gamma, float epsilon) {
  add(x, residual, width);
  const float mean_square = row_sum(width, [&](std::size_t i) { return x[i] * x[i]; }) / static_cast<float>(width);
  const float inverse = 1.0F / std::sqrt(mean_square + epsilon);
  for (std::size_t i = 0; i < width; ++i) x[i] = (x[i] * inverse) * gamma[i];
}

}  // namespace noggin::spec
