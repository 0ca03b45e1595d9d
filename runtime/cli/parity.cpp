#include "cli/parity.h"

#include <algorithm>
#include <charconv>

#include "bytes/float_hash.h"
#include "engine/answer.h"
#include "engine/self_test.h"
#include "prediction/prediction.h"
#include "spec/task.h"
#include "streams/json_reader.h"

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

// The whole of `text`, in this base.
template <typename Integer>
std::optional<Integer> parse_integer(std::string_view text, int base) {
  Integer number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || stopped != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<std::uint64_t> parse_hash(const JsonValue& hash, std::string_view name) {
  constexpr std::size_t kDigits = 16;
  const auto number = parse_integer<std::uint64_t>(hash.text, 16);
  if (hash.kind != JsonValue::Kind::kString || hash.text.size() != kDigits || !number) {
    return bad("\"" + std::string(name) + "\" must be a string of 16 hexadecimal digits");
  }
  return *number;
}

Result<std::vector<std::uint32_t>> parse_token_ids(const JsonValue& ids) {
  if (ids.kind != JsonValue::Kind::kArray) return bad("\"token_ids\" must be an array of ids");
  std::vector<std::uint32_t> values;
  for (const JsonValue& item : ids.items) {
    const auto id = parse_integer<std::uint32_t>(item.text, 10);
    if (item.kind != JsonValue::Kind::kNumber || !id) return bad("\"token_ids\" must hold ids only");
    values.push_back(*id);
  }
  return values;
}

// The second form: a hash in place of logits.
Status parse_hashed(const JsonValue& object, const JsonValue& hash, ParityRow& row) {
  const Result<std::uint64_t> value = parse_hash(hash, "logits_xxh3");
  if (!value) return value.error();
  row.logits_hash = *value;
  const JsonValue* token_ids = object.find("token_ids");
  if (token_ids == nullptr) return {};
  Result<std::vector<std::uint32_t>> ids = parse_token_ids(*token_ids);
  if (!ids) return ids.error();
  row.token_ids = *std::move(ids);
  return {};
}

// One row [C] of each.
bool same_answer(std::span<const float> a, std::span<const float> b, const format::Decision& decision) {
  const runtime::Prediction expected = runtime::prediction_of(b, decision);
  if (std::holds_alternative<runtime::ScoreAnswer>(expected)) return true;  // a number, not a decision
  return runtime::same_decision(runtime::prediction_of(a, decision), expected);
}

bool same_answers(std::span<const float> a, std::span<const float> b, const format::Decision& decision,
                  std::size_t classes) {
  if (a.size() != b.size()) return false;  // different tokens
  for (std::size_t at = 0; at < a.size(); at += classes) {
    if (!same_answer(a.subspan(at, classes), b.subspan(at, classes), decision)) return false;
  }
  return true;
}

Result<std::uint64_t> parse_member_hash(const JsonValue& object, std::string_view name) {
  const JsonValue* hash = object.find(name);
  return parse_hash(hash == nullptr ? JsonValue{} : *hash, name);
}

}  // namespace

Result<std::optional<ParityHeader>> parse_parity_header(std::string_view line) {
  const Result<JsonValue> parsed = parse_json(line);
  if (!parsed) return parsed.error();
  const JsonValue* version = parsed->find("parity");
  if (version == nullptr || parsed->find("text") != nullptr) return std::optional<ParityHeader>();
  if (version->kind != JsonValue::Kind::kNumber || version->text != "1") {
    return Error{ErrorCode::kUnsupported,
                 "is a parity file of another version. Fix: use the noggin-run that came with it"};
  }
  const Result<std::uint64_t> model = parse_member_hash(*parsed, "model_content_hash"),
                              rows_hash = parse_member_hash(*parsed, "rows_xxh3");
  if (!model) return model.error();
  if (!rows_hash) return rows_hash.error();
  const JsonValue* rows = parsed->find("rows");
  const auto count = rows == nullptr ? std::nullopt : parse_integer<std::uint64_t>(rows->text, 10);
  if (!count || rows->kind != JsonValue::Kind::kNumber) return bad("\"rows\" must be the number of rows");
  return std::optional(ParityHeader{*model, *rows_hash, *count});
}

Result<ParityRow> parse_parity_row(std::string_view line, std::span<const std::string_view> labels, TaskKind task) {
  Result<JsonValue> parsed = parse_json(line);
  if (!parsed) return parsed.error();
  if (parsed->kind != JsonValue::Kind::kObject) return bad("a row must be a JSON object");
  const JsonValue* id = parsed->find("id");
  const JsonValue* text = parsed->find("text");
  if (text == nullptr || text->kind != JsonValue::Kind::kString) return bad("\"text\" must be a string");
  Result<std::optional<std::uint32_t>> label = parse_label(parsed->find("label"), labels);
  if (!label) return label.error();
  ParityRow row{id == nullptr ? "" : id->text, text->text, *label, {}};
  if (const JsonValue* hash = parsed->find("logits_xxh3"); hash != nullptr && parsed->find("logits") == nullptr) {
    if (Status status = parse_hashed(*parsed, *hash, row); !status) return status.error();
    return row;
  }
  Result<std::vector<float>> logits =
      parse_logits(parsed->find("logits"), labels.size(), spec::traits_of(task).per_token());
  if (!logits) return logits.error();
  row.logits = *std::move(logits);
  return row;
}

bool ParityRow::same_bits(std::span<const float> found) const {
  return logits_hash ? float_hash(found) == *logits_hash : runtime::same_bits(found, logits);
}

void ParitySummary::add_tokens(const ParityRow& row, std::span<const std::uint32_t> token_ids) {
  if (row.token_ids && !std::ranges::equal(*row.token_ids, token_ids)) ++other_tokens_rows;
}

bool ParitySummary::add(const ParityRow& row, std::span<const float> logits) {
  const bool hashed = row.logits_hash.has_value();
  const bool changed = !hashed && !same_answers(logits, row.logits, decision, classes);
  ++rows;
  if (hashed) ++hashed_rows;
  if (row.label) ++labelled_rows;
  if (row.label == runtime::argmax(logits)) ++correct;
  if (changed) ++prediction_changes;
  if (!row.same_bits(logits)) ++differing_bits_rows;
  for (std::size_t c = 0; c < std::min(logits.size(), row.logits.size()); ++c) {
    const float difference = logits[c] - row.logits[c];
    max_abs_logit_diff = std::max(max_abs_logit_diff, difference < 0.0F ? -difference : difference);
  }
  return changed;
}

}  // namespace noggin::run_tool
