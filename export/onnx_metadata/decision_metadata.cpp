#include "export/onnx_metadata/decision_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "bytes/json_depth.h"
#include "spec/model_config.h"
#include "spec/tag_scheme.h"

namespace noggin::exporter {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// By the traits of a task, not by its kind.
const char* rule_of(const spec::TaskTraits& task) {
  if (task.per_token()) {
    return "of each word the logits of its first piece; the sequence of classes with the largest sum of logits in "
           "which "
           "a class that only continues spans follows a class of the same type; words outside are outside_class";
  }
  if (task.is_classification())
    return "the class with the largest logit; its probability is softmax(logits / temperature); if that is below "
           "abstain_below there is no answer";
  if (task.is_number()) return "sigmoid(logit / temperature); positive if that is at least thresholds[0]";
  return "every class c with sigmoid(logits[c] / temperature) of at least thresholds[c]";
}

Json spans_json(const spec::TagScheme& scheme) {
  Json spans = Json::array();
  for (std::size_t type = 0; type < scheme.types.size(); ++type) {
    spans.push_back({{"type", scheme.types[type]},
                     {"begins", Json::array({scheme.begin_class[type]})},
                     {"continues", scheme.inside_class[type]}});
  }
  return spans;
}

Json checks_json(const std::vector<spec::Check>& checks, const spec::TagScheme& scheme) {
  Json json = Json::array();
  for (const spec::Check& check : checks)
    json.push_back({{"kind", spec::check_name(check.kind)}, {"type", scheme.types.at(check.type)}});
  return json;
}

Json decision_json(const format::TaskContents& task, const spec::TagScheme& scheme) {
  const spec::TaskTraits& traits = spec::traits_of(task.kind);
  Json json = {{"task", traits.name},
               {"activation", traits.activation == spec::Activation::kSoftmax ? "softmax" : "sigmoid"},
               {"temperature", task.temperature},
               {"logits_of", traits.per_token() ? "token" : "text"},
               {"answer", rule_of(traits)}};
  if (traits.abstains) json["abstain_below"] = task.abstain_below;
  if (traits.has_thresholds) {
    const format::Decision decision = format::decision_of(task);
    Json& thresholds = json["thresholds"] = Json::array();
    for (std::size_t c = 0; c < task.labels.size(); ++c) thresholds.push_back(decision.threshold(c));
  }
  if (traits.is_number()) json["range"] = {0, 1};
  if (traits.per_token()) {
    json["outside_class"] = scheme.outside;
    json["spans"] = spans_json(scheme);
    if (!task.checks.empty() && !scheme.types.empty()) json["checks"] = checks_json(task.checks, scheme);
  }
  return json;
}

Result<spec::TagScheme> scheme_of(const format::TaskContents& task, std::vector<std::string_view>& names) {
  names.assign(task.labels.begin(), task.labels.end());
  return spec::make_tag_scheme(task.kind, names);
}

Error wrong(const char* key, const std::string& what) {
  return {ErrorCode::kBadData, fmt::format("{} {}. Fix: export the model again", key, what)};
}

bool read_fraction(const Json& value, float& to) {
  if (!value.is_number()) return false;
  const auto number = value.get<double>();
  to = static_cast<float>(number);
  return number >= 0.0 && number <= 1.0;
}

// The values that do not follow from others.
Status read_values(const Json& json, format::TaskContents& task) {
  const auto value = [&](const char* key) { return json.contains(key) ? json[key] : Json(); };
  task.kind = value("task").is_string() ? spec::task_kind_of(value("task").get<std::string>()) : spec::TaskKind{0};
  if (!spec::is_known(task.kind)) return wrong(kDecisionKey, "has no \"task\" that is known");
  const Json temperature = value("temperature");
  if (!temperature.is_number() || !(temperature.get<double>() > 0.0))
    return wrong(kDecisionKey, "has no \"temperature\" above 0");
  task.temperature = static_cast<float>(temperature.get<double>());
  const spec::TaskTraits& traits = spec::traits_of(task.kind);
  if (traits.abstains && !read_fraction(value("abstain_below"), task.abstain_below))
    return wrong(kDecisionKey, "has no \"abstain_below\" from 0 to 1");
  if (!traits.has_thresholds) return {};
  const Json thresholds = value("thresholds");
  if (!thresholds.is_array() || thresholds.size() != task.labels.size())
    return wrong(kDecisionKey, fmt::format("needs \"thresholds\", one for each of {} classes", task.labels.size()));
  for (const Json& threshold : thresholds) {
    if (!read_fraction(threshold, task.thresholds.emplace_back()))
      return wrong(kDecisionKey, "has a threshold that is not from 0 to 1");
  }
  return {};
}

// False: not as checks_json() writes them.
bool read_checks(const Json& json, const spec::TagScheme& scheme, format::TaskContents& task) {
  if (!json.is_array()) return false;
  for (const Json& check : json) {
    const auto text = [&](const char* key) {
      return check.is_object() && check.contains(key) && check[key].is_string() ? check[key].get<std::string>() : "";
    };
    const auto kind = std::ranges::find(spec::kCheckNames, text("kind"));
    const auto type = std::ranges::find(scheme.types, text("type"));
    if (kind == spec::kCheckNames.end() || type == scheme.types.end()) return false;
    task.checks.push_back({static_cast<spec::CheckKind>(kind - spec::kCheckNames.begin() + 1),
                           static_cast<std::uint32_t>(type - scheme.types.begin())});
  }
  return true;
}

Json parsed(const std::string& text) {
  return is_nested_too_deeply(text) ? Json(Json::value_t::discarded) : Json::parse(text, nullptr, false);
}

}  // namespace

DecisionMetadata decision_metadata(const format::TaskContents& task) {
  std::vector<std::string_view> names;
  const Result<spec::TagScheme> scheme = scheme_of(task, names);
  return {text_of(task.labels), std::to_string(task.none_class),
          text_of(decision_json(task, scheme ? *scheme : spec::TagScheme{}))};
}

Result<format::TaskContents> read_decision_metadata(const DecisionMetadata& metadata) {
  format::TaskContents task;
  const Json labels = parsed(metadata.labels);
  if (!labels.is_array() || labels.empty() || labels.size() > spec::kMaxClasses ||
      !std::ranges::all_of(labels, [](const Json& label) { return label.is_string(); })) {
    return wrong(kLabelsKey, metadata.labels.empty() ? "is missing" : "is not a list of the classes' names");
  }
  task.labels = labels.get<std::vector<std::string>>();
  const char* const end = metadata.none_class.data() + metadata.none_class.size();
  const auto [stop, code] = std::from_chars(metadata.none_class.data(), end, task.none_class);
  if (code != std::errc() || stop != end || task.none_class < -1 ||
      task.none_class >= static_cast<std::int32_t>(task.labels.size())) {
    return wrong(kNoneClassKey, metadata.none_class.empty() ? "is missing" : "is not a class or -1");
  }
  const Json decision = parsed(metadata.decision);
  if (!decision.is_object())
    return wrong(kDecisionKey, metadata.decision.empty() ? "is missing" : "is not a JSON object");
  if (Status status = read_values(decision, task); !status) return status.error();
  std::vector<std::string_view> names;
  const Result<spec::TagScheme> scheme = scheme_of(task, names);
  if (!scheme) return wrong(kLabelsKey, "does not suit the task: " + scheme.error().message);
  if (decision.contains("checks") && !read_checks(decision["checks"], *scheme, task))
    return wrong(kDecisionKey, "has \"checks\" with a kind or a type that is not known");
  const Json follows = decision_json(task, *scheme);
  for (const auto& [key, value] : follows.items()) {
    if (!decision.contains(key) || text_of(decision[key]) != text_of(value)) {
      // Numbers were read above, and may be written otherwise.
      if (key == "temperature" || key == "abstain_below" || key == "thresholds") continue;
      return wrong(kDecisionKey,
                   fmt::format("says \"{}\": {}, which must be {}", key,
                               decision.contains(key) ? text_of(decision[key]) : "nothing", text_of(value)));
    }
  }
  return task;
}

std::vector<std::string> decision_differences(const format::TaskContents& stated, const format::TaskContents& wanted) {
  std::vector<std::string> differences;
  const auto differ = [&](const char* what, const auto& mine, const auto& theirs) {
    if (mine != theirs) differences.push_back(fmt::format("{} {}, not {}", what, mine, theirs));
  };
  differ("task", std::string_view(spec::task_name(stated.kind)), std::string_view(spec::task_name(wanted.kind)));
  differ("number of labels", stated.labels.size(), wanted.labels.size());
  if (!differences.empty()) return differences;  // the rest cannot be compared one by one
  for (std::size_t c = 0; c < stated.labels.size(); ++c)
    differ(fmt::format("label {}", c).c_str(), stated.labels[c], wanted.labels[c]);
  differ("none class", stated.none_class, wanted.none_class);
  differ("temperature", stated.temperature, wanted.temperature);
  differ("abstain_below", stated.abstain_below, wanted.abstain_below);
  if (stated.checks != wanted.checks) differences.emplace_back("other checks");
  const format::Decision mine = format::decision_of(stated), theirs = format::decision_of(wanted);
  for (std::size_t c = 0; c < stated.labels.size() && spec::traits_of(stated.kind).has_thresholds; ++c)
    differ(fmt::format("threshold of {}", stated.labels[c]).c_str(), mine.threshold(c), theirs.threshold(c));
  return differences;
}

}  // namespace noggin::exporter
