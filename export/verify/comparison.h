// The core of verify: held-out rows pass through all targets chunk by chunk, and each target is compared with the
// trainer. Of logits, only those of one chunk are in memory, once for the trainer and once for a target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "export/verify/target.h"
#include "export/verify/target_report.h"

namespace noggin::exporter {

struct ComparisonOptions {
  std::size_t chunk_logits = kChunkLogits;  // at most, of one target; a row that has more is a chunk by itself
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};  // in rows of each target
};

struct Comparison {
  std::vector<train::Prediction> answers;  // per row, what all were compared with
  TargetReport training;                   // of the trainer
  train::StatedFigures stated;             // of the trainer
  std::vector<TargetReport> targets;       // in their order
};

// trainer may be null: the first target that runs is then what the others are compared with. The error is the first
// that a target returned.
Result<Comparison> compare_targets(const HeldOutRows& rows, Target* trainer,
                                   const std::vector<std::unique_ptr<Target>>& targets,
                                   const ComparisonOptions& options = {});

}  // namespace noggin::exporter
