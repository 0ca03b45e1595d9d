// One implementation of a model that verify asks for logits: the trainer's quantized forward, a kernel set of the
// runtime, a GPU, ONNX Runtime. All are asked for the same rows, chunk by chunk (comparison.h), and none keeps them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/trace.h"
#include "export/verify/chunk.h"
#include "noggin/result.h"

namespace noggin::exporter {

// Asked by one thread; a target may use more.
class Target {
 public:
  // obstacle: why it cannot run here; empty if it can.
  explicit Target(std::string name, std::string obstacle = {})
      : obstacle_(std::move(obstacle)), name_(std::move(name)) {}
  virtual ~Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  const std::string& name() const { return name_; }
  const std::string& obstacle() const { return obstacle_; }

  // Writes the logits of each sequence of the chunk to logits.sequence(i), where chunk.make_room() has made room. Adds
  // to `microseconds` the time per text, for each text or batch; a target that does not measure adds zeros or nothing.
  // Not called when there is an obstacle. A target that finds an obstacle only now stores it and returns success; an
  // error ends the verification.
  virtual Status logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) = 0;
  // The answer to each row of the chunk, by default decoded from these logits.
  virtual Result<std::vector<train::Prediction>> answers(const Chunk& chunk, const train::DatasetLogits& logits);
  // Every step of one pass over these token ids, for naming the first that differs. False if it does not show its
  // steps; the report then says untraced() in place of the step's name.
  virtual bool trace(std::span<const std::uint32_t>, runtime::TraceSink&) { return false; }
  virtual std::string untraced() const { return {}; }
  // What the target's own file states otherwise than the model, of which it should be another form; each a phrase.
  virtual std::vector<std::string> misstatements() const { return {}; }

 protected:
  std::string obstacle_;

 private:
  std::string name_;
};

// A target that cannot run here.
class UnavailableTarget : public Target {
 public:
  using Target::Target;
  Status logits(const Chunk&, train::DatasetLogits&, std::vector<double>&) override;
};

}  // namespace noggin::exporter
