// Students with calibrated activation scales, ready to be quantized, and a record of the steps of a forward pass.
#pragma once

#include <string>
#include <vector>

#include "engine/trace.h"
#include "kernels/kernel_set.h"
#include "tests/support/train_students.h"
#include "train/compress/calibrate.h"

namespace noggin::test {

inline train::Student calibrated_student(const spec::ModelConfig& config, std::uint64_t seed) {
  torch::NoGradGuard no_grad;
  train::Student student = random_student(config, seed);
  train::CalibratingArithmetic observer;
  train::forward(student, packed(random_texts(config, 64, seed + 1)), observer);
  observer.set_scales(student);
  return student;
}

inline std::vector<const runtime::KernelSet*> executable_kernels() {
  std::vector<const runtime::KernelSet*> sets;
  for (std::size_t i = 0; i < runtime::kernel_sets().count; ++i) {
    const runtime::KernelSetEntry& entry = runtime::kernel_sets().entries[i];
    if (entry.executable) sets.push_back(entry.kernels);
  }
  return sets;
}

// "layers.0.ffn.down float 3x20" of each step.
class StepNames : public runtime::TraceSink {
 public:
  void record(std::string_view step, const float*, std::size_t rows, std::size_t columns, std::size_t) override {
    add(step, " float ", rows, columns);
  }
  void record(std::string_view step, const std::int8_t*, std::size_t rows, std::size_t columns, std::size_t) override {
    add(step, " int8 ", rows, columns);
  }
  std::vector<std::string> steps;

 private:
  void add(std::string_view step, const char* type, std::size_t rows, std::size_t columns) {
    steps.push_back(std::string(step) + type + std::to_string(rows) + "x" + std::to_string(columns));
  }
};

}  // namespace noggin::test
