// The trainer's side of a verification: its own quantized forward, which never sees the .nog file of an encoder.
#pragma once

#include <map>
#include <string>

#include "export/verify/target.h"
#include "format/frozen_model.h"
#include "kernels/kernel_set.h"
#include "train/baseline/quantized_ngram.h"
#include "train/compress/quantized_forward.h"

namespace noggin::exporter {

inline constexpr const char* kTrainer = "trainer";

class StudentTarget : public Target {
 public:
  StudentTarget(const spec::ModelConfig& config, const std::map<std::string, format::FrozenTensor>& tensors,
                const runtime::KernelSet& kernels)
      : Target(kTrainer), student_(config, tensors), kernels_(kernels) {}
  const train::QuantizedStudent& student() const { return student_; }

  Status logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) override;
  bool trace(std::span<const std::uint32_t> ids, runtime::TraceSink& sink) override;

 private:
  train::QuantizedStudent student_;
  const runtime::KernelSet& kernels_;
};

class NgramTrainerTarget : public Target {
 public:
  explicit NgramTrainerTarget(train::QuantizedNgram trainer) : Target(kTrainer), trainer_(std::move(trainer)) {}
  const train::QuantizedNgram& trainer() const { return trainer_; }

  Status logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) override;

 private:
  train::QuantizedNgram trainer_;
};

}  // namespace noggin::exporter
