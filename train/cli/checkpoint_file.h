// What verbs need from a checkpoint or model file, without LibTorch's headers.
#pragma once

#include <memory>
#include <string>

#include "data/shards/example_table.h"
#include "format/frozen_model.h"
#include "noggin/result.h"
#include "train/run/progress.h"
#include "train/task/task_reader.h"

namespace noggin::tool {

// train::describe_checkpoint.
Result<std::string> checkpoint_text(const std::string& path);

// An answer reader for a checkpoint or a .nog file; for a file, with its temperature and thresholds. Throws Failure.
std::unique_ptr<const train::TaskReader> reader_of(const std::string& path);

// held_out_rows with the checkpoint's tokenizer and labels.
data::ExampleTable checkpoint_rows(const std::string& data_path, const std::string& checkpoint,
                                   train::Progress& progress);

}  // namespace noggin::tool
