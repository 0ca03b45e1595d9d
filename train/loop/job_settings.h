// Translates a recipe into LibTorch terms.
#pragma once

#include <torch/torch.h>

#include <optional>

#include "format/frozen_model.h"
#include "spec/model_config.h"
#include "train/augment/tag_augmentation.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// auto: the GPU if usable, else the CPU. Throws Failure when cuda is required and not usable.
torch::Device resolve_device(Device wanted);

// How a device stores the words, and the weights of each layer.
void set_weight_types(const QuantizeRecipe& quantize, spec::EncoderConfig& encoder);

// The shape of the student before pruning; with init.from, before further pruning. Throws Failure when a size exceeds
// its limits.
spec::ModelConfig model_config(const Recipe& recipe, const runtime::TokenizerContents& tokenizer,
                               const format::TaskContents& task);

AugmentationOptions augmentation_options(const Phase& phase);
// Only if a phase swaps something. Spans come from these shards; words come from the vocabulary of the pretrained
// encoder, which covers a language, or else from the student's own. Throws as TagAugmentation::read does.
std::optional<TagAugmentation> tag_augmentation(const Recipe& recipe, const std::vector<std::string>& shards,
                                                const std::vector<std::string>& labels,
                                                const runtime::TokenizerContents& tokenizer);

}  // namespace noggin::train
