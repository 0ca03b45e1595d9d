// What a training's results depend on, as hashes. Saved with every state and student (checkpoint/resume_files.h).
#pragma once

#include "train/checkpoint/resume_files.h"
#include "train/loop/trainer.h"

namespace noggin::train {

// Of the training up to and including each phase: the last is that of the whole. Recipes that differ only in later
// phases have the earlier ones in common. Throws Failure (kBadData) when a shard, a pretrained folder or a start cannot
// be read.
std::vector<TrainingFingerprint> fingerprints_of(const TrainJob& job);

}  // namespace noggin::train
