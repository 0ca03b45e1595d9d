#include "export/onnx/metadata.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "export/onnx_metadata/decision_metadata.h"
#include "spec/versions.h"

namespace noggin::exporter {
namespace {

// Bytes that are not UTF-8 (a vocabulary may hold any) become a replacement character: metadata is text.
std::string to_text(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json tokenizer_switches(const format::FrozenModel& model) {
  const runtime::TokenizerContents& tokenizer = model.tokenizer;
  return {{"type", "wordpiece"},
          {"lowercase", tokenizer.lowercase},
          {"strip_accents", tokenizer.strip_accents},
          {"unknown_id", tokenizer.unknown_id},
          {"cls_id", tokenizer.cls_id},
          {"sep_id", tokenizer.sep_id},
          {"pad_id", tokenizer.pad_id},
          {"max_word_characters", tokenizer.max_word_characters},
          {"max_tokens", model.config.max_tokens}};
}

}  // namespace

void add_metadata(const format::FrozenModel& model, std::size_t inexact_channels, onnx::ModelProto& proto) {
  const auto add = [&](const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto& entry = *proto.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  };
  const DecisionMetadata decision = decision_metadata(model.task);
  add(kLabelsKey, decision.labels);
  add(kNoneClassKey, decision.none_class);
  add(kDecisionKey, decision.decision);
  add("noggin.vocabulary", to_text(model.tokenizer.vocabulary));
  add("noggin.tokenizer", to_text(tokenizer_switches(model)));
  add("noggin.numerics_version", std::to_string(spec::kNumericsVersion));
  add("noggin.inexact_channels", std::to_string(inexact_channels));
  add("noggin.provenance", model.provenance);
}

}  // namespace noggin::exporter
