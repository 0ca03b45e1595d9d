#include "spec/model_config.h"

#include "bytes/message.h"

namespace noggin::spec {
namespace {

Error invalid(MessageParts what) { return {ErrorCode::kInvalidArgument, "model config: " + message(what)}; }

Status check_range(const std::string& field, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value >= low && value <= high) return {};
  return invalid({field, " is ", value, ", must be ", low, " to ", high});
}

Status check_sizes(const ModelConfig& config) {
  const bool encoder = config.family == Family::kEncoder;
  const std::uint64_t min_value = encoder ? 1 : 0;
  const auto max_value = [&](std::uint64_t limit) { return encoder ? limit : 0; };
  const struct {
    const char* name;
    std::uint64_t value, low, high;
  } fields[] = {
      {"vocabulary_size", config.vocabulary_size, 1, kMaxVocabulary},
      {"max_tokens", config.max_tokens, encoder ? 3U : 1U, kMaxTokens},  // an encoder: [CLS], one piece, [SEP]
      {"width", config.width, min_value, max_value(kMaxWidth)},
      {"embedding_width", config.embedding_width, 0, config.width > 0 ? config.width - 1 : 0},
      {"head_width", config.head_width, min_value, max_value(kMaxHeadWidth)},
      {"classes", config.classes, 1, kMaxClasses},
      {"layers", config.layers.size(), min_value, max_value(kMaxLayers)},
  };
  for (const auto& field : fields) {
    if (Status status = check_range(field.name, field.value, field.low, field.high); !status) return status;
  }
  return {};
}

}  // namespace

ModelConfig ngram_config(std::uint32_t ngrams, std::uint32_t classes, std::uint32_t max_tokens) {
  ModelConfig config;
  config.family = Family::kNgram;
  config.vocabulary_size = ngrams;
  config.max_tokens = max_tokens;
  config.classes = classes;
  config.layer_norm_epsilon = 0.0F;
  return config;
}

Status validate(const ModelConfig& config) {
  if (config.family != Family::kEncoder && config.family != Family::kNgram) {
    return Error{ErrorCode::kUnsupported,
                 message({"model config: student family ", static_cast<std::uint32_t>(config.family),
                          " is unknown to this version; use a newer runtime"})};
  }
  const auto pooling = static_cast<std::uint32_t>(config.pooling);
  if (pooling < 1 || pooling > 3) {
    return invalid({"pooling is ", pooling, ", must be 1 (mean), 2 (first token) or 3 (every token)"});
  }
  if (config.family == Family::kNgram) {
    if (config.pooling != Pooling::kMean) return invalid({"pooling is ", pooling, ", an n-gram model has 1"});
    if (config.layer_norm_epsilon != 0.0F) return invalid({"layer_norm_epsilon of an n-gram model must be 0"});
    return check_sizes(config);
  }
  if (!(config.layer_norm_epsilon > 0.0F && config.layer_norm_epsilon < 1.0F)) {
    return invalid({"layer_norm_epsilon must be above 0 and below 1"});
  }
  if (Status status = check_sizes(config); !status) return status;
  for (std::size_t i = 0; i < config.layers.size(); ++i) {
    const std::string layer = message({"layers.", i});
    if (Status status = check_range(layer + ".heads", config.layers[i].heads, 1, kMaxHeads); !status) return status;
    if (Status status = check_range(layer + ".ffn_width", config.layers[i].ffn_width, 1, kMaxFfnWidth); !status)
      return status;
  }
  return {};
}

}  // namespace noggin::spec
