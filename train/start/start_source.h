// Which files init.from means: a trained student is a phase checkpoint of a run, a run, or a Hugging Face folder that
// `noggin export` wrote. No LibTorch.
#pragma once

#include <string>
#include <vector>

#include "noggin/result.h"

namespace noggin::train {

struct StartSource {
  bool is_folder = false;          // of Hugging Face; else a checkpoint
  std::string path;                // of the folder or the checkpoint
  std::vector<std::string> files;  // all that is read: their contents are the start
};

// Of a run: the checkpoint of its last phase that is not quantized, else of its last one. That is the student that qat
// began with, after pruning if there was any: its weights were not bent to the integers of a device. Errors name what
// is wrong and what to do: kNotFound (no such path, a folder of neither kind), kBadData (a run of which no training is
// finished, for what it would give changes; a checkpoint that is not as the run recorded it), kUnsupported (a .nog
// file, which holds integers), and those of list_pretrained_files.
Result<StartSource> find_start(const std::string& path);

}  // namespace noggin::train
