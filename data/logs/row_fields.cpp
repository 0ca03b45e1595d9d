#include "data/logs/row_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "data/logs/class_fields.h"
#include "data/logs/log_file.h"
#include "data/logs/span_fields.h"
#include "data/logs/tag_names.h"
#include "data/rows/blank.h"

namespace noggin::data {
namespace {

using Value = JsonRow::Value;
using spec::TaskKind;

struct FieldName {
  std::string_view text;
  RowFields::Name name;
};
constexpr FieldName kFieldNames[] = {{"id", RowFields::kId},           {"text", RowFields::kText},
                                     {"label", RowFields::kLabel},     {"labels", RowFields::kLabels},
                                     {"score", RowFields::kScore},     {"prob", RowFields::kProb},
                                     {"target", RowFields::kTarget},   {"tokens", RowFields::kTokens},
                                     {"offsets", RowFields::kOffsets}, {"tags", RowFields::kTags},
                                     {"spans", RowFields::kSpans},     {"logprobs", RowFields::kValues},
                                     {"probs", RowFields::kValues},    {"logits", RowFields::kValues},
                                     {"unit", RowFields::kUnit},       {"confidence", RowFields::kConfidence}};

std::uint32_t find_name(std::string_view text) {
  const auto* found = std::find_if(std::begin(kFieldNames), std::end(kFieldNames),
                                   [text](const FieldName& field) { return field.text == text; });
  return found == std::end(kFieldNames) ? 0 : std::uint32_t{found->name};
}

std::uint32_t fields_of(TaskKind task) {
  constexpr std::uint32_t kAll = RowFields::kId | RowFields::kText;
  constexpr std::uint32_t kTagging = kAll | RowFields::kTokens | RowFields::kOffsets | RowFields::kTags |
                                     RowFields::kSpans | RowFields::kUnit | RowFields::kValues;
  switch (task) {
    case TaskKind::kSingleLabel:
      return kAll | RowFields::kLabel | RowFields::kConfidence | RowFields::kValues;
    case TaskKind::kMultiLabel:
      return kAll | RowFields::kLabels | RowFields::kValues;
    case TaskKind::kScore:
      return kAll | RowFields::kScore | RowFields::kProb;
    case TaskKind::kTag:
      return kTagging;
    case TaskKind::kEdit:
      return kTagging | RowFields::kTarget;
  }
  return kAll;
}

// Stores the value of `checked`, or returns its Rejection.
template <typename From, typename To>
Trouble store(Checked<From> checked, To& to) {
  if (auto* bad = std::get_if<Rejection>(&checked)) return std::move(*bad);
  to = To(std::get<From>(std::move(checked)));
  return std::nullopt;
}

// Fields whose value is a list or an object, which tables keep as JSON in a string.
constexpr std::uint32_t kStructured = RowFields::kLabels | RowFields::kTokens | RowFields::kOffsets | RowFields::kTags |
                                      RowFields::kSpans | RowFields::kValues;

Trouble set_id(std::string_view id, RowFields& row) {
  row.id = id;
  return std::nullopt;
}

// A string, or a whole number as it is: 17, and 17.0 as a column of numbers writes it that has gaps.
Trouble read_id(Value& value, RowFields& row) {
  if (value.is_int64() || value.is_uint64()) return set_id(simdjson::minify(value), row);
  if (value.is_double())
    if (const Checked<std::int64_t> whole = read_whole(value, "id"); std::holds_alternative<std::int64_t>(whole))
      return set_id(std::to_string(std::get<std::int64_t>(whole)), row);
  return store(read_string(value, "id"), row.id);
}

Trouble check_unit(double number, std::string_view field) {
  if (number >= 0.0 && number <= 1.0) return std::nullopt;
  return Rejection{Reason::kScoreOutOfRange, fmt::format("{} is {}", field, number)};
}

Trouble read_unit(Value& value, std::string_view field, double& number) {
  if (Trouble trouble = store(read_number(value, field), number)) return trouble;
  return check_unit(number, field);
}

ValueKind kind_of(std::string_view field) {
  return field == "logprobs" ? ValueKind::kLogprobs : field == "probs" ? ValueKind::kProbs : ValueKind::kLogits;
}

Trouble read_values(Value& value, std::string_view field, const RowSchema& schema, RowFields& row) {
  row.kind = kind_of(field);
  if (!spec::traits_of(schema.task).per_token())
    return append_distribution(value, field, row.kind, *schema.labels, row.words, row.numbered);
  return for_each_element(value, field, [&](Value& token) -> Trouble {
    Trouble trouble;
    if (!is_null(token)) trouble = append_distribution(token, field, row.kind, *schema.labels, row.words, row.numbered);
    row.word_ends.push_back(row.words.size());
    return trouble;
  });
}

Trouble read_offset(Value& value, RowFields& row) {
  std::vector<std::int64_t> pair;
  Trouble trouble = for_each_element(value, "offsets", [&pair](Value& item) -> Trouble {
    return store(read_whole(item, "an offset"), pair.emplace_back());
  });
  if (trouble) return trouble;
  if (pair.size() != 2) return Rejection{Reason::kWrongType, "an offset must be [start, end]"};
  row.offsets.emplace_back(pair[0], pair[1]);
  return std::nullopt;
}

Trouble read_tag(Value& value, const RowSchema& schema, RowFields& row) {
  std::int32_t& tag = row.tags.emplace_back(kNoLabel);
  if (!value.is_string()) {
    if (Trouble trouble = read_class(value, "a tag", *schema.labels, tag, row.numbered)) return trouble;
    if (tag == kNoLabel) return Rejection{Reason::kWrongType, "a tag must be a string or a class number"};
    return std::nullopt;
  }
  tag = find_tag(string_of(value), schema, row.numbered);
  if (tag == kNoLabel) return Rejection{Reason::kUnknownTag, unknown_class(string_of(value), *schema.labels)};
  return std::nullopt;
}

Trouble read_text_unit(Value& value, TextUnit& unit) {
  std::string_view name;
  if (Trouble trouble = store(read_string(value, "unit"), name)) return trouble;
  const std::optional<TextUnit> known = text_unit_of(name);
  if (!known)
    return Rejection{Reason::kWrongType,
                     fmt::format("unit is \"{}\", must be one of {}", name, fmt::join(kTextUnitNames, ", "))};
  unit = *known;
  return std::nullopt;
}

Trouble read_listed_label(Value& value, const RowSchema& schema, RowFields& row) {
  std::int32_t& label = row.labels.emplace_back(kNoLabel);
  if (Trouble trouble = read_class(value, "an entry of labels", *schema.labels, label, row.numbered)) return trouble;
  if (label == kNoLabel) return Rejection{Reason::kUnknownLabel, simdjson::minify(value)};
  return std::nullopt;
}

Trouble read_present(std::uint32_t name, std::string_view field, Value& value, const RowSchema& schema,
                     RowFields& row) {
  switch (name) {
    case RowFields::kId:
      return read_id(value, row);
    case RowFields::kText:
      if (Trouble trouble = store(read_string(value, "text"), row.text)) return trouble;
      return check_text(row.text);
    case RowFields::kTarget:
      if (Trouble trouble = store(read_string(value, "target"), row.target)) return trouble;
      return check_text(row.target);
    case RowFields::kLabel:
      return read_class(value, field, *schema.labels, row.label, row.numbered);
    case RowFields::kConfidence:
      return read_unit(value, field, row.confidence);
    case RowFields::kLabels:
      return for_each_element(value, field, [&](Value& item) { return read_listed_label(item, schema, row); });
    case RowFields::kScore:
      if (value.is_bool()) {
        row.score = bool(value) ? 1.0 : 0.0;
        return std::nullopt;
      }
      return read_unit(value, field, row.score);
    case RowFields::kProb:
      return read_unit(value, field, row.prob);
    case RowFields::kTokens:
      return for_each_element(value, field, [&](Value& item) -> Trouble {
        return store(read_string(item, "a token"), row.tokens.emplace_back());
      });
    case RowFields::kOffsets:
      return for_each_element(value, field, [&](Value& item) { return read_offset(item, row); });
    case RowFields::kTags:
      return for_each_element(value, field, [&](Value& item) { return read_tag(item, schema, row); });
    case RowFields::kSpans:
      return read_spans(value, schema, row.spans);
    case RowFields::kUnit:
      return read_text_unit(value, row.unit);
    default:
      return read_values(value, field, schema, row);
  }
}

}  // namespace

void RowFields::clear(TextUnit default_unit) {
  unit = default_unit;
  seen = present = 0;
  label = kNoLabel;
  numbered = false;
  confidence = 1.0;
  id.clear();
  text = target = {};
  labels.clear();
  tokens.clear();
  offsets.clear();
  tags.clear();
  spans.clear();
  words.clear();
  word_ends.clear();
  inner.clear();
}

void RowFields::set_id(std::string_view given) {
  seen |= kId;
  if (is_blank(given)) return;
  present |= kId;
  id = given;
}

Trouble read_field(std::string_view field, JsonRow::Value& value, const RowSchema& schema, RowFields& row) {
  const std::uint32_t name = find_name(field) & fields_of(schema.task);
  if (name == 0) return std::nullopt;
  // An empty cell is what a table writes for null. A null distribution allows one of another kind.
  const bool null = name != RowFields::kText && (is_null(value) || (value.is_string() && is_blank(string_of(value))));
  if (null && name == RowFields::kValues) return std::nullopt;
  if ((row.seen & name) != 0) {
    const bool other = name == RowFields::kValues && !field.starts_with(row.kind == ValueKind::kLogprobs ? "logprobs"
                                                                        : row.kind == ValueKind::kProbs  ? "probs"
                                                                                                         : "logits");
    return Rejection{other ? Reason::kSeveralDistributions : Reason::kRepeatedField, std::string(field)};
  }
  row.seen |= name;
  if (null) return std::nullopt;
  row.present |= name;
  JsonValue held = (name & kStructured) != 0 ? row.inner.open(value) : value;
  return read_present(name, field, held, schema, row);
}

Trouble read_columns(std::string_view field, std::string_view prefix, JsonObject object, const RowSchema& schema,
                     RowFields& row) {
  row.seen |= RowFields::kValues;
  row.present |= RowFields::kValues;
  row.kind = kind_of(field);
  return append_columns(object, prefix, row.kind, *schema.labels, row.words, row.numbered);
}

bool is_distribution(std::string_view field) { return find_name(field) == RowFields::kValues; }

bool is_field_name(std::string_view name) { return find_name(name) != 0; }

}  // namespace noggin::data
