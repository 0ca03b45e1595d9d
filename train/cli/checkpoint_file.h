// What verbs ask of a checkpoint or model file, without LibTorch's headers.
#pragma once

#include <string>

#include "data/shard.h"
#include "format/frozen_model.h"
#include "noggin/result.h"

namespace noggin::cli {

// train::describe_checkpoint.
Result<std::string> checkpoint_text(const std::string& path);

// Labels of a checkpoint or a .nog file. Throws Failure.
format::TaskContents task_of(const std::string& path);

// held_out_rows with the checkpoint's tokenizer and labels.
data::RowBlock checkpoint_rows(const std::string& data_path, const std::string& checkpoint);

}  // namespace noggin::cli
