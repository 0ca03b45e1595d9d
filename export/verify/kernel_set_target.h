// A CPU kernel set of the runtime on the .nog file. Its answers are those of a device: from the text, by a session.
#pragma once

#include <string>
#include <vector>

#include "export/verify/target.h"
#include "noggin/engine.h"

namespace noggin::exporter {

class KernelSetTarget : public Target {
 public:
  KernelSetTarget(const Model& model, const std::string& name) : Target(name), model_(model) {}

  Status logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) override;
  Result<std::vector<train::Prediction>> answers(const Chunk& chunk, const train::DatasetLogits& logits) override;
  bool trace(std::span<const std::uint32_t> ids, runtime::TraceSink& sink) override;

 private:
  const Model& model_;  // each call opens sessions, one per thread
};

}  // namespace noggin::exporter
