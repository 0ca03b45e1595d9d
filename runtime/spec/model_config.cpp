#include "spec/model_config.h"

#include "bytes/message.h"

namespace noggin::spec {
namespace {

Error invalid(MessageParts what) { return {ErrorCode::kInvalidArgument, "model config: " + message(what)}; }

Status check_range(const std::string& field, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value >= low && value <= high) return {};
  return invalid({field, " is ", value, ", must be ", low, " to ", high});
}

// The integers among the fields; `prefix` goes before their names.
template <typename Config>
Status check_integers(const std::string& prefix, const Config& config) {
  Status status;
  visit_fields(config, [&](const ConfigField& field, const auto& value) {
    if constexpr (std::is_same_v<decltype(value), const std::uint32_t&>) {
      if (status) status = check_range(prefix + field.name, value, field.low, field.high);
    }
  });
  return status;
}

Status check_groups(const std::string& prefix, const EncoderConfig& encoder, const LayerConfig& layer) {
  const auto check = [&](const char* field, std::uint32_t group, std::uint32_t inputs) {
    Status status = check_group(prefix + field, group, inputs);
    return status ? status : Status(invalid({status.error().message}));
  };
  if (Status status = check("qkv_group", layer.qkv_group, encoder.width); !status) return status;
  if (Status status = check("ffn_up_group", layer.ffn_up_group, encoder.width); !status) return status;
  if (Status status = check("ffn_down_group", layer.ffn_down_group, layer.ffn_width); !status) return status;
  return check("attention_output_group", layer.attention_output_group, layer.heads * encoder.head_width);
}

Status check_sizes(const ModelConfig& config) {
  if (Status status = check_integers("", config); !status) return status;
  const bool encoder = config.family == Family::kEncoder;
  return check_range("layers", config.encoder.layers.size(), 0, encoder ? kMaxLayers : 0);
}

template <typename Value>
struct Named {
  Value value;
  const char* name;
};
constexpr Named<Family> kFamilies[] = {{Family::kEncoder, "encoder"}, {Family::kNgram, "ngram"}};
constexpr Named<Pooling> kPoolings[] = {
    {Pooling::kMean, "mean"}, {Pooling::kFirstToken, "first_token"}, {Pooling::kEveryToken, "every_token"}};
constexpr Named<WeightType> kWeightTypes[] = {{WeightType::kInt8, "int8"}, {WeightType::kInt4, "int4"}};

template <typename Value, std::size_t N>
const char* name_in(const Named<Value> (&all)[N], Value value) {
  for (const Named<Value>& known : all) {
    if (known.value == value) return known.name;
  }
  return nullptr;
}

template <typename Value, std::size_t N>
bool find_in(const Named<Value> (&all)[N], std::string_view name, Value& value) {
  for (const Named<Value>& known : all) {
    if (name != known.name) continue;
    value = known.value;
    return true;
  }
  return false;
}

}  // namespace

const char* name_of(Family family) { return name_in(kFamilies, family); }
const char* name_of(Pooling pooling) { return name_in(kPoolings, pooling); }
const char* name_of(WeightType type) { return name_in(kWeightTypes, type); }
bool find_by_name(std::string_view name, Family& family) { return find_in(kFamilies, name, family); }
bool find_by_name(std::string_view name, Pooling& pooling) { return find_in(kPoolings, name, pooling); }
bool find_by_name(std::string_view name, WeightType& type) { return find_in(kWeightTypes, name, type); }

ModelConfig ngram_config(std::uint32_t ngrams, std::uint32_t classes, std::uint32_t max_tokens) {
  ModelConfig config;
  config.family = Family::kNgram;
  config.vocabulary_size = ngrams;
  config.max_tokens = max_tokens;
  config.classes = classes;
  config.encoder.layer_norm_epsilon = 0.0F;
  return config;
}

bool has_int4_layers(const ModelConfig& config) {
  for (const LayerConfig& layer : config.encoder.layers) {
    if ((layer.qkv_group | layer.attention_output_group | layer.ffn_up_group | layer.ffn_down_group) != 0) return true;
  }
  return false;
}

Status check_group(const std::string& field, std::uint32_t group, std::uint32_t inputs) {
  if (group == 0) return {};
  if (group != 32 && group != 64 && group != 128) {
    return Error{ErrorCode::kInvalidArgument, message({field, " is ", group, ", must be 0 (int8), 32, 64 or 128"})};
  }
  if (inputs % group != 0) {
    return Error{ErrorCode::kInvalidArgument,
                 message({field, " is ", group, ", which does not divide the layer's ", inputs, " inputs"})};
  }
  if (inputs <= kMaxInt4Inputs) return {};
  return Error{ErrorCode::kInvalidArgument, message({field, " is ", group, ", but int4 weights are for at most ",
                                                     kMaxInt4Inputs, " inputs and the layer has ", inputs})};
}

Status validate(const ModelConfig& config) {
  if (name_of(config.family) == nullptr) {
    return Error{ErrorCode::kUnsupported,
                 message({"model config: student family ", static_cast<std::uint32_t>(config.family),
                          " is unknown to this version; use a newer runtime"})};
  }
  const auto pooling = static_cast<std::uint32_t>(config.pooling);
  if (name_of(config.pooling) == nullptr) {
    return invalid({"pooling is ", pooling, ", must be 1 (mean), 2 (first token) or 3 (every token)"});
  }
  if (config.family == Family::kNgram) {
    if (config.pooling != Pooling::kMean) return invalid({"pooling is ", pooling, ", an n-gram model has 1"});
    if (config.encoder.layer_norm_epsilon != 0.0F) return invalid({"layer_norm_epsilon of an n-gram model must be 0"});
    if (config.encoder.word_type != WeightType::kInt8)
      return invalid({"word_type of an n-gram model must be 0 (int8)"});
    return check_sizes(config);
  }
  if (!(config.encoder.layer_norm_epsilon > 0.0F && config.encoder.layer_norm_epsilon < 1.0F)) {
    return invalid({"layer_norm_epsilon must be above 0 and below 1"});
  }
  if (is_static(config) && config.pooling != Pooling::kMean) {
    return invalid({"pooling is ", pooling, ", a model without layers has 1 (mean)"});
  }
  if (name_of(config.encoder.word_type) == nullptr) {
    return invalid(
        {"word_type is ", static_cast<std::uint32_t>(config.encoder.word_type), ", must be 0 (int8) or 1 (int4)"});
  }
  if (Status status = check_sizes(config); !status) return status;
  for (std::size_t i = 0; i < config.encoder.layers.size(); ++i) {
    const std::string prefix = message({"layers.", i, "."});
    if (Status status = check_integers(prefix, config.encoder.layers[i]); !status) return status;
    if (Status status = check_groups(prefix, config.encoder, config.encoder.layers[i]); !status) return status;
  }
  return {};
}

}  // namespace noggin::spec
