#include "train/loop/precision.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>

namespace noggin::train {
namespace {

constexpr int kPasses = 4;  // after one warm-up pass
constexpr double kClearlyFaster = 1.2;

double seconds_of_batch(Student& student, const PackedBatch& batch, Arithmetic& arithmetic, double dropout) {
  const auto start = std::chrono::steady_clock::now();
  forward(student, batch, arithmetic, dropout).square().sum().backward();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  visit_tensors(student, [](const std::string&, Tensor& tensor, TensorRole) { tensor.mutable_grad().reset(); });
  return seconds.count();
}

}  // namespace

Precision measured_precision(const Student& student, const PackedBatch& batch, double dropout) {
  Student copy = copy_student(student, student.word.device());
  visit_tensors(copy, [](const std::string&, Tensor& tensor, TensorRole role) {
    tensor.requires_grad_(role == TensorRole::kWeight || role == TensorRole::kPlain);
  });
  return faster_precision(
      [&](Precision precision) { return seconds_of_batch(copy, batch, *float_arithmetic(precision), dropout); });
}

Precision faster_precision(const std::function<double(Precision)>& seconds_of_batch) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  double exact = kNever, rounded = kNever;
  for (int pass = 0; pass <= kPasses; ++pass) {
    const double exact_now = seconds_of_batch(Precision::kFp32), rounded_now = seconds_of_batch(Precision::kBf16);
    if (pass == 0) continue;  // oneDNN compiles its kernels
    exact = std::min(exact, exact_now);
    rounded = std::min(rounded, rounded_now);
  }
  return rounded * kClearlyFaster < exact ? Precision::kBf16 : Precision::kFp32;
}

std::unique_ptr<Arithmetic> float_arithmetic(Precision precision) {
  if (precision == Precision::kBf16) return std::make_unique<Bf16Arithmetic>();
  return std::make_unique<FloatArithmetic>();
}

const char* precision_name(Precision precision) {
  switch (precision) {
    case Precision::kAuto:
      return "auto";
    case Precision::kFp32:
      return "fp32";
    case Precision::kBf16:
      return "bf16";
  }
  return "unknown";
}

Precision precision_from_name(const std::string& name) {
  for (const Precision precision : {Precision::kAuto, Precision::kFp32, Precision::kBf16}) {
    if (name == precision_name(precision)) return precision;
  }
  throw std::invalid_argument("no such precision: " + name);
}

}  // namespace noggin::train
