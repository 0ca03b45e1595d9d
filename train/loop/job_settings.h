// What a recipe means in LibTorch's terms.
#pragma once

#include <torch/torch.h>

#include <optional>

#include "format/frozen_model.h"
#include "spec/model_config.h"
#include "train/augment/tag_augmentation.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// auto: the GPU when it can be used, else the CPU. Throws Failure when cuda is demanded and cannot be used.
torch::Device resolve_device(Device wanted);

// The shape of the student before pruning. Throws Failure when a size is outside its limit.
spec::ModelConfig model_config(const Recipe& recipe, const runtime::TokenizerContents& tokenizer,
                               const format::TaskContents& task);

AugmentationOptions augmentation_options(const Phase& phase);
// When a phase swaps something: spans of these shards, and words of the pretrained encoder's vocabulary, which is a language's,
// else of the student's own. Throws as TagAugmentation::read.
std::optional<TagAugmentation> tag_augmentation(const Recipe& recipe, const std::vector<std::string>& shards,
                                                const std::vector<std::string>& labels,
                                                const runtime::TokenizerContents& tokenizer);

}  // namespace noggin::train
