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
bool find_by_name(std::string_view name, Family& family) { return find_in(kFamilies, name, family); }
bool find_by_name(std::string_view name, Pooling& pooling) { return find_in(kPoolings, name, pooling); }

ModelConfig ngram_config(std::uint32_t ngrams, std::uint32_t classes, std::uint32_t max_tokens) {
  ModelConfig config;
  config.family = Family::kNgram;
  config.vocabulary_size = ngrams;
  config.max_tokens = max_tokens;
  config.classes = classes;
  config.encoder.layer_norm_epsilon = 0.0F;
  return config;
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
    return check_sizes(config);
  }
  if (!(config.encoder.layer_norm_epsilon > 0.0F && config.encoder.layer_norm_epsilon < 1.0F)) {
    return invalid({"layer_norm_epsilon must be above 0 and below 1"});
  }
  if (is_static(config) && config.pooling != Pooling::kMean) {
    return invalid({"pooling is ", pooling, ", a model without layers has 1 (mean)"});
  }
  if (Status status = check_sizes(config); !status) return status;
  for (std::size_t i = 0; i < config.encoder.layers.size(); ++i) {
    if (Status status = check_integers(message({"layers.", i, "."}), config.encoder.layers[i]); !status) return status;
  }
  return {};
}

}  // namespace noggin::spec
