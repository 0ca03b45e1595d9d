// What a start is, but for its weights. No LibTorch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "noggin/result.h"
#include "spec/model_config.h"
#include "spec/task.h"
#include "tokenizer/contents.h"
#include "train/start/start_source.h"

namespace noggin::train {

struct StartDescription {
  StartSource source;
  spec::ModelConfig config;              // pooling: kEveryToken, or what `pooling` says
  std::optional<spec::Pooling> pooling;  // nothing: a folder that does not say
  runtime::TokenizerContents tokenizer;
  std::vector<std::string> labels;     // of the classifier's rows; empty: it has no classifier that a student can use
  std::optional<spec::TaskKind> task;  // nothing: a folder that does not say
  std::string name;                // for messages: "/runs/a/checkpoints/2-distil.ckpt (distil, quality 0.9132 on dev)"
  std::vector<std::string> notes;  // what a user should know of it (data::PretrainedFolder)
};

// Reads the whole start. Errors: those of find_start, read_bundle and load_pretrained; kBadData for sizes that no
// student can have.
Result<StartDescription> describe_start(const std::string& path);

}  // namespace noggin::train
