// What a training's results depend on, as hashes. Saved with every state and student (checkpoint/resume_files.h).
#pragma once

#include "train/checkpoint/resume_files.h"
#include "train/loop/trainer.h"

namespace noggin::train {

// Throws Failure (kBadData) when a shard or a pretrained folder cannot be read.
TrainingFingerprint fingerprint_of(const TrainJob& job);

}  // namespace noggin::train
