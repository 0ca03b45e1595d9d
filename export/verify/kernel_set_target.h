// A CPU kernel set of the runtime on the .nog file. Its answers are those of a device: from the text, by a session.
#pragma once

#include <optional>
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
  Status open();  // session_

  const Model& model_;
  std::optional<Session> session_;  // for answers and traces; logits() has one per thread
};

}  // namespace noggin::exporter
