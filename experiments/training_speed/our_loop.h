// The trainer's step, made of the trainer's own pieces in the trainer's order (train/loop/training_step.cpp).
#pragma once

#include <memory>
#include <string>

#include "train/loop/batch_stream.h"
#include "train/loop/optimizer.h"
#include "train/model/forward.h"

namespace noggin::experiments {

// "LAYERSxWIDTHxFFNxVOCABULARY", heads of 32.
spec::ModelConfig config_of(const std::string& model);

class OurLoop {
 public:
  // mode: "fp32", "bf16", "qat-fp32" or "qat-bf16".
  OurLoop(const spec::ModelConfig& config, const std::vector<std::string>& shards, std::uint32_t batch_rows,
          const std::string& mode);
  double step();  // the loss

 private:
  train::BatchStream stream_;
  train::BatchOptions options_;
  train::Student student_;
  std::unique_ptr<train::Optimizer> optimizer_;
  std::unique_ptr<train::Arithmetic> arithmetic_;
  std::uint64_t step_ = 0;
};

}  // namespace noggin::experiments
