#include "format/value_checks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "format/file_layout.h"

namespace noggin::format {

Error broken_rule(std::string_view where, MessageParts what) {
  return {ErrorCode::kCorrupt, std::string(where).append(": ").append(message(what))};
}

Status check_scale(const std::string& where, float scale, float smallest, float largest) {
  if (scale >= smallest && scale <= largest) return {};  // false for NaN
  return broken_rule(where, {"scale ", scale, " is not finite and positive, within 2^", std::ilogb(smallest), " to 2^",
                             std::ilogb(largest)});
}

Status check_scales(const std::string& where, std::span<const float> scales, float smallest) {
  for (std::size_t i = 0; i < scales.size(); ++i) {
    if (scales[i] >= smallest && scales[i] <= kLargestScale) continue;
    return check_scale(message({where, " row ", i}), scales[i], smallest);
  }
  return {};
}

Status check_norm_parameters(const std::string& where, std::span<const float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::fabs(values[i]) <= kLargestNormParameter) continue;
    return broken_rule(where, {"value ", i, " is ", values[i], ", must be finite and at most 2^24 in magnitude"});
  }
  return {};
}

Status check_bias(const std::string& where, std::int32_t bias) {
  constexpr auto kLimit = static_cast<std::int32_t>(spec::kBiasLimit);
  if (bias >= -kLimit && bias <= kLimit) return {};
  return broken_rule(where, {"bias ", bias, " is beyond +-", kLimit});
}

Status check_logits(const std::string& where, std::span<const float> logits) {
  for (const float logit : logits) {
    if (!std::isfinite(logit)) return broken_rule(where, {"a logit is not finite"});
  }
  return {};
}

Status check_token_ids(const std::string& where, std::span<const std::uint32_t> ids, const spec::ModelConfig& config) {
  const std::size_t min_tokens = spec::min_tokens(config);
  if (ids.size() < min_tokens || ids.size() > config.max_tokens) {
    return broken_rule(where, {ids.size(), " token ids, must be ", min_tokens, " to ", config.max_tokens});
  }
  for (const std::uint32_t id : ids) {
    if (id >= config.vocabulary_size) {
      return broken_rule(where, {"token id ", id, " is outside the vocabulary of ", config.vocabulary_size});
    }
  }
  return {};
}

Status check_label(const std::string& where, std::string_view label) {
  if (label.empty() || label.size() > kMaxLabelBytes) {
    return broken_rule(where, {"label has ", label.size(), " bytes, must be 1 to ", kMaxLabelBytes});
  }
  if (!is_utf8(label)) return broken_rule(where, {"label is not valid UTF-8"});
  for (const char c : label) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (control) return broken_rule(where, {"label holds a control character"});
  }
  return {};
}

Status check_unique_labels(std::span<const std::string_view> labels) {
  std::vector<std::uint32_t> order(labels.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto before = [&](std::uint32_t a, std::uint32_t b) { return labels[a] < labels[b]; };
  std::make_heap(order.begin(), order.end(), before);  // half the machine code of std::sort (tests/size)
  std::sort_heap(order.begin(), order.end(), before);
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (labels[order[i - 1]] == labels[order[i]]) {
      return broken_rule(
          "task", {"classes ", order[i - 1], " and ", order[i], " have the same label '", labels[order[i]], "'"});
    }
  }
  return {};
}

Status check_none_class(std::int32_t none_class, std::uint32_t classes) {
  if (none_class == -1 || (none_class >= 0 && static_cast<std::uint32_t>(none_class) < classes)) return {};
  return broken_rule("task", {"none_class is ", none_class, ", must be -1 or one of the ", classes, " classes"});
}

namespace {

Status check_thresholds(const Decision& decision, std::uint32_t classes) {
  const std::span<const float> thresholds = decision.thresholds;
  if (thresholds.empty()) return {};
  if (!spec::traits_of(decision.kind).has_thresholds) {
    return broken_rule("decision",
                       {"thresholds are for multi_label and score, the task is ", spec::task_name(decision.kind)});
  }
  if (thresholds.size() != classes) {
    return broken_rule("decision", {thresholds.size(), " thresholds for ", classes, " classes"});
  }
  for (std::size_t c = 0; c < thresholds.size(); ++c) {
    if (thresholds[c] >= 0.0F && thresholds[c] <= 1.0F) continue;  // false for NaN
    return broken_rule("decision", {"threshold ", c, " is ", thresholds[c], ", must be 0 to 1"});
  }
  return {};
}

Status check_kind_fits(spec::TaskKind kind, std::int32_t none_class, const spec::ModelConfig& config) {
  const spec::TaskTraits& task = spec::traits_of(kind);
  if (config.classes > task.max_classes && task.max_classes == 1) {
    return broken_rule("task", {"a ", task.name, " task has 1 class, there are ", config.classes});
  }
  if (config.classes < task.min_classes && !task.per_token()) {
    return broken_rule(
        "task", {"a ", task.name, " task needs at least ", task.min_classes, " classes, there is ", config.classes});
  }
  if (!task.abstains && none_class != -1) {
    return broken_rule("task", {"none_class is ", none_class, ", a ", task.name, " task has none (-1)"});
  }
  if (task.per_token() == (config.pooling == spec::Pooling::kEveryToken)) return {};
  return broken_rule("config", {"pooling is ", static_cast<std::uint32_t>(config.pooling), " for a ", task.name,
                                " task; tag and edit tasks have 3 (every token), the others 1 or 2"});
}

}  // namespace

Status check_decision(const Decision& decision, std::int32_t none_class, const spec::ModelConfig& config) {
  if (!spec::is_known(decision.kind)) {
    return Error{ErrorCode::kUnsupported, message({"decision: task kind ", static_cast<std::uint32_t>(decision.kind),
                                                   " is unknown to this version; use a newer runtime"})};
  }
  const float temperature = decision.temperature, abstain = decision.abstain_below;
  if (!(temperature >= kLowestTemperature && temperature <= kHighestTemperature)) {
    return broken_rule("decision", {"temperature is ", temperature, ", must be 0.05 to 20"});
  }
  if (!(abstain >= 0.0F && abstain <= 1.0F)) {
    return broken_rule("decision", {"abstain_below is ", abstain, ", must be 0 to 1"});
  }
  if (abstain != 0.0F && !spec::traits_of(decision.kind).abstains) {
    return broken_rule("decision", {"abstain_below is for single_label, the task is ", spec::task_name(decision.kind)});
  }
  if (Status status = check_thresholds(decision, config.classes); !status) return status;
  return check_kind_fits(decision.kind, none_class, config);
}

Result<spec::TagScheme> tag_scheme(spec::TaskKind kind, std::span<const std::string_view> labels) {
  Result<spec::TagScheme> scheme = spec::make_tag_scheme(kind, labels);
  if (!scheme) return broken_rule("task", {scheme.error().message});
  return scheme;
}

Status check_checks(std::span<const spec::Check> checks, spec::TaskKind kind, const spec::TagScheme& tags) {
  constexpr const char* kWhere = "checks";
  if (!checks.empty() && spec::traits_of(kind).classes != spec::ClassNames::kIob2) {
    return broken_rule(kWhere, {"are for tag, the task is ", spec::task_name(kind)});
  }
  std::uint32_t seen = 0;
  for (const spec::Check& check : checks) {
    const auto number = static_cast<std::uint32_t>(check.kind);
    if (!spec::is_known(check.kind)) {
      return Error{ErrorCode::kUnsupported,
                   message({"checks: kind ", number, " is unknown to this version; use a newer runtime"})};
    }
    const std::string_view name = spec::check_name(check.kind);
    if ((seen >> number & 1U) != 0) return broken_rule(kWhere, {"\"", name, "\" occurs twice"});
    seen |= 1U << number;
    if (check.type >= tags.types.size()) {
      return broken_rule(kWhere, {"type ", check.type, " of \"", name, "\", there are ", tags.types.size(), " types"});
    }
  }
  return {};
}

Status check_golden_text(const std::string& where, std::string_view text) {
  if (text.size() <= kMaxGoldenTextBytes) return {};
  return broken_rule(where, {"text has ", text.size(), " bytes, the limit is ", kMaxGoldenTextBytes});
}

Status check_provenance(std::string_view json) {
  if (json.size() > kMaxProvenanceBytes) {
    return broken_rule("provenance", {json.size(), " bytes, the limit is ", kMaxProvenanceBytes});
  }
  if (!json.starts_with('{') || !json.ends_with('}')) return broken_rule("provenance", {"is not a JSON object"});
  if (!is_utf8(json)) return broken_rule("provenance", {"is not valid UTF-8"});
  return {};
}

bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i++);
    if (lead < 0x80) continue;
    const unsigned following = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - i < following) return false;
    const unsigned second = byte(i);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90)) return false;  // longer than needed
    if ((lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F)) return false;  // surrogate; too large
    for (unsigned k = 0; k < following; ++k) {
      if ((byte(i++) & 0xC0) != 0x80) return false;
    }
  }
  return true;
}

}  // namespace noggin::format
