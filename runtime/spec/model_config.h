// The shape of a student, after pruning. A model family is a config, not a class tree: trainer, exporter, format and
// engine all build from this one value.
//
// Shape letters used throughout the project:
//   B batch   T tokens   D model width   H heads   W head width   F FFN width   V vocabulary   P positions   C classes
//   E width of the word table
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "noggin/result.h"
#include "spec/weight_type.h"

namespace noggin::spec {

enum class Family : std::uint32_t {
  kEncoder = 1,  // BERT-compatible, LayerNorm after each residual
  kNgram = 2,    // linear on the bag of a text's hashed n-grams; its "tokens" are the V n-grams it knows
};
// Over all real tokens, special ones included. kEveryToken: no pooling; the head answers for each token, logits [T, C].
enum class Pooling : std::uint32_t { kMean = 1, kFirstToken = 2, kEveryToken = 3 };

// What pruning may leave of one layer.
struct LayerConfig {
  std::uint32_t heads = 0;      // H >= 1
  std::uint32_t ffn_width = 0;  // F >= 1
  // Of each linear layer: 0 for int8 weights, or int4 in groups of 32, 64 or 128 inputs, which must divide its inputs.
  std::uint32_t qkv_group = 0, attention_output_group = 0, ffn_up_group = 0, ffn_down_group = 0;
  bool operator==(const LayerConfig&) const = default;
};

// What an encoder has in addition to the fields of every family.
struct EncoderConfig {
  std::uint32_t width = 0;       // D
  std::uint32_t head_width = 0;  // W, the same in every layer; not changed by pruning
  // E, below D: the rows of the word table have this width and a matrix [D, E] widens them (Lan et al. 2020, section
  // 3.1), so that a small file holds many words. 0: rows are D wide.
  std::uint32_t embedding_width = 0;
  WeightType word_type = WeightType::kInt8;  // of the word table's rows
  float layer_norm_epsilon = 1e-12F;
  std::vector<LayerConfig> layers;
  bool operator==(const EncoderConfig&) const = default;
};

// Shared fields, and one value per family: of the others, all is zero or empty. Not a std::variant, because a file is
// read before its family is known to be valid, and validate() names the field that another family should not have.
struct ModelConfig {
  Family family = Family::kEncoder;
  Pooling pooling = Pooling::kMean;
  std::uint32_t vocabulary_size = 0;  // V
  std::uint32_t max_tokens = 0;       // P, the longest input in tokens, special ones included
  std::uint32_t classes = 0;          // C
  EncoderConfig encoder;              // kEncoder
  bool operator==(const ModelConfig&) const = default;
};

// kNgram has no fields of its own; its pooling is kMean.
ModelConfig ngram_config(std::uint32_t ngrams, std::uint32_t classes, std::uint32_t max_tokens);

// An encoder without layers: the mean of a text's word rows. Needs kMean, and layout version 4 of a file.
inline bool is_static(const ModelConfig& config) {
  return config.family == Family::kEncoder && config.encoder.layers.empty();
}

// A text may contain no n-gram that the model knows; an encoder always has the special tokens.
constexpr std::size_t min_tokens(const ModelConfig& config) { return config.family == Family::kNgram ? 0 : 1; }

constexpr std::uint32_t word_width(const ModelConfig& config) {
  return config.encoder.embedding_width == 0 ? config.encoder.width : config.encoder.embedding_width;
}

// Whether a layer has int4 weights, which only the CPU's kernels take.
bool has_int4_layers(const ModelConfig& config);

// How many rows of logits [C] a text of this many tokens gives: one per token, or one for the text.
constexpr std::size_t logit_rows(const ModelConfig& config, std::size_t tokens) {
  return config.pooling == Pooling::kEveryToken ? tokens : 1;
}

// Limits, so that every size computed from a config fits 32 bits and every integer sum is exact (NUMERICS.md).
inline constexpr std::uint32_t kMaxVocabulary = 1U << 20;
inline constexpr std::uint32_t kMaxTokens = 4096;
inline constexpr std::uint32_t kMaxWidth = 8192;
inline constexpr std::uint32_t kMaxHeadWidth = 256;
inline constexpr std::uint32_t kMaxFfnWidth = 32768;
inline constexpr std::uint32_t kMaxGroup = 128;
inline constexpr std::uint32_t kMaxInt4Inputs = 16384;  // of a linear layer with int4 weights
inline constexpr std::uint32_t kMaxHeads = 128;
inline constexpr std::uint32_t kMaxClasses = 1U << 16;
inline constexpr std::uint32_t kMaxLayers = 128;

// What visit_fields() says of a field.
struct ConfigField {
  const char* name;         // in messages, in JSON and in checkpoints
  std::uint32_t layout;     // the layout version of .nog files that introduced it (versions.h)
  std::uint64_t low, high;  // of an integer, for the family of the config; else 0
};

// The only lists of a config's fields: validation, writer, reader, `--info` and checkpoints walk them, in this order;
// `layers` comes after the others and is left to the caller. Calls visit(ConfigField, member) for each. To add a field,
// add a member and a line here. One that came after layout version 1 has 0 as its default: the value in older files.
template <class Config, class Visit>
  requires std::same_as<std::remove_const_t<Config>, ModelConfig>
void visit_fields(Config& config, const Visit& visit) {
  const bool is_encoder = config.family == Family::kEncoder;
  const auto integer = [&](const char* name, std::uint32_t layout, std::uint64_t low, std::uint64_t high,
                           auto& member) { visit(ConfigField{name, layout, low, high}, member); };
  // 0 in a model without layers.
  const auto of_encoder = [&](const char* name, std::uint32_t layout, std::uint64_t low, std::uint64_t high,
                              auto& member) {
    integer(name, layout, is_encoder ? low : 0, is_encoder ? high : 0, member);
  };
  visit(ConfigField{"family", 1, 0, 0}, config.family);
  visit(ConfigField{"pooling", 1, 0, 0}, config.pooling);
  integer("vocabulary_size", 1, 1, kMaxVocabulary, config.vocabulary_size);
  integer("max_tokens", 1, is_encoder ? 3 : 1, kMaxTokens, config.max_tokens);  // an encoder: [CLS], one piece, [SEP]
  of_encoder("width", 1, 1, kMaxWidth, config.encoder.width);
  of_encoder("embedding_width", 3, 0, config.encoder.width > 0 ? config.encoder.width - 1 : 0,
             config.encoder.embedding_width);
  of_encoder("head_width", 1, 1, kMaxHeadWidth, config.encoder.head_width);
  integer("classes", 1, 1, kMaxClasses, config.classes);
  visit(ConfigField{"layer_norm_epsilon", 1, 0, 0}, config.encoder.layer_norm_epsilon);
  visit(ConfigField{"word_type", 4, 0, 0}, config.encoder.word_type);
}

template <class Config, class Visit>
  requires std::same_as<std::remove_const_t<Config>, LayerConfig>
void visit_fields(Config& layer, const Visit& visit) {
  visit(ConfigField{"heads", 1, 1, kMaxHeads}, layer.heads);
  visit(ConfigField{"ffn_width", 1, 1, kMaxFfnWidth}, layer.ffn_width);
  visit(ConfigField{"qkv_group", 4, 0, kMaxGroup}, layer.qkv_group);
  visit(ConfigField{"attention_output_group", 4, 0, kMaxGroup}, layer.attention_output_group);
  visit(ConfigField{"ffn_up_group", 4, 0, kMaxGroup}, layer.ffn_up_group);
  visit(ConfigField{"ffn_down_group", 4, 0, kMaxGroup}, layer.ffn_down_group);
}

// The names of values in JSON and in checkpoints: "encoder", "first_token". Null for a value that is none.
const char* name_of(Family family);
const char* name_of(Pooling pooling);
const char* name_of(WeightType type);
// False if no value has this name.
bool find_by_name(std::string_view name, Family& family);
bool find_by_name(std::string_view name, Pooling& pooling);
bool find_by_name(std::string_view name, WeightType& type);

// Success when a linear layer of this many inputs can have int4 weights in groups of `group`, or if that is 0 (int8).
// `field` names the group in the message.
Status check_group(const std::string& field, std::uint32_t group, std::uint32_t inputs);

// Success when every field is inside its limit; otherwise names the field, its value and its range.
Status validate(const ModelConfig& config);

}  // namespace noggin::spec
