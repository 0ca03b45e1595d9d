#include "spec/model_config.h"

#include "spec/message.h"

namespace noggin::spec {
namespace {

Error invalid(MessageParts what) { return {ErrorCode::kInvalidArgument, "model config: " + message(what)}; }

Status check_range(const std::string& field, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value >= low && value <= high) return {};
  return invalid({field, " is ", value, ", must be ", low, " to ", high});
}

}  // namespace

Status validate(const ModelConfig& config) {
  if (config.family != Family::kEncoder) {
    return Error{ErrorCode::kUnsupported,
                 message({"model config: student family ", static_cast<std::uint32_t>(config.family),
                          " is unknown to this version; use a newer runtime"})};
  }
  const auto pooling = static_cast<std::uint32_t>(config.pooling);
  if (pooling < 1 || pooling > 3) {
    return invalid({"pooling is ", pooling, ", must be 1 (mean), 2 (first token) or 3 (every token)"});
  }
  if (!(config.layer_norm_epsilon > 0.0F && config.layer_norm_epsilon < 1.0F)) {
    return invalid({"layer_norm_epsilon must be above 0 and below 1"});
  }
  const struct { const char* name; std::uint64_t value, low, high; } fields[] = {
      {"vocabulary_size", config.vocabulary_size, 1, kMaxVocabulary},
      {"max_tokens", config.max_tokens, 3, kMaxTokens},  // [CLS], one piece, [SEP]
      {"width", config.width, 1, kMaxWidth},
      {"head_width", config.head_width, 1, kMaxHeadWidth},
      {"classes", config.classes, 1, kMaxClasses},
      {"layers", config.layers.size(), 1, kMaxLayers},
  };
  for (const auto& field : fields) {
    if (Status status = check_range(field.name, field.value, field.low, field.high); !status) return status;
  }
  for (std::size_t i = 0; i < config.layers.size(); ++i) {
    const std::string layer = message({"layers.", i});
    if (Status status = check_range(layer + ".heads", config.layers[i].heads, 1, kMaxHeads); !status) return status;
    if (Status status = check_range(layer + ".ffn_width", config.layers[i].ffn_width, 1, kMaxFfnWidth); !status)
      return status;
  }
  return {};
}

}  // namespace noggin::spec
