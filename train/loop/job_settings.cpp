#include "train/loop/job_settings.h"

#include <algorithm>

#include "data/pretrained/pretrained_folder.h"
#include "train/model/device.h"
#include "train/run/failure.h"

namespace noggin::train {

torch::Device resolve_device(Device wanted) {
  if (wanted == Device::kCpu) return torch::kCPU;
  const std::string obstacle = cuda_obstacle();
  if (obstacle.empty()) return torch::kCUDA;
  if (wanted == Device::kCuda) {
    throw Failure(ExitCode::kFailure,
                  "train.device is cuda, but " + obstacle +
                      ". Fix: install a LibTorch with CUDA and its libraries, or set train.device: auto");
  }
  return torch::kCPU;
}

void set_weight_types(const QuantizeRecipe& quantize, spec::EncoderConfig& encoder) {
  encoder.word_type = quantize.embedding_bits == 4 ? spec::WeightType::kInt4 : spec::WeightType::kInt8;
  const std::uint32_t group = quantize.weight_bits == 4 ? quantize.group : 0;
  for (spec::LayerConfig& layer : encoder.layers) {
    layer.qkv_group = layer.attention_output_group = group;
    layer.ffn_up_group = layer.ffn_down_group = group;
  }
}

spec::ModelConfig model_config(const Recipe& recipe, const runtime::TokenizerContents& tokenizer,
                               const format::TaskContents& task) {
  const StudentRecipe& student = recipe.student;
  spec::ModelConfig config;
  spec::find_by_name(student.pooling, config.pooling);  // the recipe's parser has checked it
  if (spec::traits_of(task.kind).per_token()) config.pooling = spec::Pooling::kEveryToken;
  config.vocabulary_size = static_cast<std::uint32_t>(tokenizer.vocabulary.size());
  config.max_tokens = recipe.tokenizer.max_tokens;
  config.encoder.width = student.width;
  config.encoder.embedding_width = student.embedding_width;
  config.encoder.head_width = student.width / student.heads;
  config.classes = static_cast<std::uint32_t>(task.labels.size());
  config.encoder.layer_norm_epsilon =
      student.layers == 0 ? kStaticEpsilon : static_cast<float>(student.layer_norm_epsilon);
  if (recipe.init.from.empty())
    config.encoder.layers.assign(student.layers, {student.heads, student.ffn_width});
  else
    config.encoder.layers = recipe.init.from_layers;
  set_weight_types(recipe.quantize, config.encoder);
  throw_unless_ok(spec::validate(config));
  return config;
}

AugmentationOptions augmentation_options(const Phase& phase) {
  return {phase.mention_replacement, phase.word_swap, phase.digit_swap};
}

std::optional<TagAugmentation> tag_augmentation(const Recipe& recipe, const std::vector<std::string>& shards,
                                                const std::vector<std::string>& labels,
                                                const runtime::TokenizerContents& tokenizer) {
  const auto changes = [](const Phase& phase) { return augmentation_options(phase).any(); };
  if (std::ranges::none_of(recipe.phases, changes)) return std::nullopt;
  const std::vector<std::byte> section = value_or_throw(runtime::serialize_tokenizer(tokenizer));
  const auto speller = value_or_throw(runtime::WordPieceTokenizer::bind(section));
  const auto words =
      recipe.init.folder.empty()
          ? spelt_words(tokenizer.vocabulary, speller)
          : spelt_words(value_or_throw(data::read_pretrained_folder(recipe.init.folder)).tokenizer.vocabulary, speller);
  return TagAugmentation::read(
      shards, labels,
      {words, digit_pieces(tokenizer.vocabulary), letter_pieces(tokenizer.vocabulary), recipe.train.form_types},
      recipe.tokenizer.max_tokens, recipe.seed);
}

}  // namespace noggin::train
