#include "cli/parity.h"

#include <algorithm>
#include <charconv>

#include "cli/json_reader.h"
#include "engine/answer.h"
#include "engine/self_test.h"
#include "spec/task.h"

namespace noggin::run_tool {
namespace {

Error bad(std::string message) { return {ErrorCode::kBadData, std::move(message)}; }

Result<std::optional<std::uint32_t>> parse_label(const JsonValue* label, std::span<const std::string_view> labels) {
  if (label == nullptr || label->kind == JsonValue::Kind::kNull) return std::optional<std::uint32_t>();
  if (label->kind != JsonValue::Kind::kString) return bad("\"label\" must be a class name or null");
  const auto found = std::find(labels.begin(), labels.end(), label->text);
  if (found == labels.end()) {
    return bad("label \"" + label->text +
               "\" is not a class of this model. Fix: use the parity file that was exported "
               "with the model");
  }
  return std::optional(static_cast<std::uint32_t>(found - labels.begin()));
}

Result<float> parse_float(const JsonValue& value) {
  float number = 0.0F;
  const char* end = value.text.data() + value.text.size();
  const auto [stopped, error] = std::from_chars(value.text.data(), end, number);
  if (value.kind != JsonValue::Kind::kNumber) return bad("\"logits\" must hold numbers only");
  if (error != std::errc() || stopped != end) return bad("logit " + value.text + " is outside the range of a float");
  return number;
}

Result<std::vector<float>> parse_logits(const JsonValue* logits, std::size_t classes, bool per_token) {
  if (logits == nullptr || logits->kind != JsonValue::Kind::kArray)
    return bad("\"logits\" must be an array of numbers");
  const std::size_t count = logits->items.size();
  if (per_token ? count == 0 || count % classes != 0 : count != classes) {
    return bad("\"logits\" has " + std::to_string(count) + " numbers, the model has " + std::to_string(classes) +
               " classes" + (per_token ? " for each token" : ""));
  }
  std::vector<float> values;
  values.reserve(count);
  for (const JsonValue& item : logits->items) {
    const Result<float> value = parse_float(item);
    if (!value) return value.error();
    values.push_back(*value);
  }
  return values;
}

// One row [C] of each.
bool same_answer(std::span<const float> a, std::span<const float> b, const format::Decision& decision) {
  if (decision.kind == TaskKind::kScore) return true;  // a number, not a decision
  if (decision.kind != TaskKind::kMultiLabel) {
    if (runtime::argmax(a) != runtime::argmax(b)) return false;
    return decision.abstain_below == 0.0F ||
           runtime::answer_of(a, decision).abstained == runtime::answer_of(b, decision).abstained;
  }
  std::vector<float> p(a.size()), q(b.size());
  runtime::probabilities_of(a, decision, p.data());
  runtime::probabilities_of(b, decision, q.data());
  for (std::size_t c = 0; c < p.size(); ++c) {
    const float threshold = decision.threshold(c);
    if ((p[c] >= threshold) != (q[c] >= threshold)) return false;
  }
  return true;
}

bool same_answers(std::span<const float> a, std::span<const float> b, const format::Decision& decision,
                  std::size_t classes) {
  if (a.size() != b.size()) return false;  // different tokens
  for (std::size_t at = 0; at < a.size(); at += classes) {
    if (!same_answer(a.subspan(at, classes), b.subspan(at, classes), decision)) return false;
  }
  return true;
}

}  // namespace

Result<ParityRow> parse_parity_row(std::string_view line, std::span<const std::string_view> labels, TaskKind task) {
  Result<JsonValue> parsed = parse_json(line);
  if (!parsed) return parsed.error();
  if (parsed->kind != JsonValue::Kind::kObject) return bad("a row must be a JSON object");
  const JsonValue* id = parsed->find("id");
  const JsonValue* text = parsed->find("text");
  if (text == nullptr || text->kind != JsonValue::Kind::kString) return bad("\"text\" must be a string");
  Result<std::optional<std::uint32_t>> label = parse_label(parsed->find("label"), labels);
  if (!label) return label.error();
  Result<std::vector<float>> logits = parse_logits(parsed->find("logits"), labels.size(), spec::is_per_token(task));
  if (!logits) return logits.error();
  return ParityRow{id == nullptr ? "" : id->text, text->text, *label, *std::move(logits)};
}

bool ParitySummary::add(const ParityRow& row, std::span<const float> logits) {
  const bool changed = !same_answers(logits, row.logits, decision, classes);
  ++rows;
  if (row.label) ++labelled_rows;
  if (row.label == runtime::argmax(logits)) ++correct;
  if (changed) ++prediction_changes;
  if (!runtime::same_bits(logits, row.logits)) ++differing_bits_rows;
  for (std::size_t c = 0; c < std::min(logits.size(), row.logits.size()); ++c) {
    const float difference = logits[c] - row.logits[c];
    max_abs_logit_diff = std::max(max_abs_logit_diff, difference < 0.0F ? -difference : difference);
  }
  return changed;
}

}  // namespace noggin::run_tool
