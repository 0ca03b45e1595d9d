#include "data/logs/row_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <optional>

#include "data/logs/log_file.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

using Value = JsonRow::Value;
using spec::TaskKind;

struct FieldName {
  std::string_view text;
  RowFields::Name name;
};
constexpr FieldName kFieldNames[] = {
    {"id", RowFields::kId},         {"text", RowFields::kText},     {"label", RowFields::kLabel},
    {"labels", RowFields::kLabels}, {"score", RowFields::kScore},   {"prob", RowFields::kProb},
    {"target", RowFields::kTarget}, {"tokens", RowFields::kTokens}, {"offsets", RowFields::kOffsets},
    {"tags", RowFields::kTags},     {"spans", RowFields::kSpans},   {"logprobs", RowFields::kValues},
    {"probs", RowFields::kValues},  {"logits", RowFields::kValues}, {"unit", RowFields::kUnit}};

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
      return kAll | RowFields::kLabel | RowFields::kValues;
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

Checked<std::int64_t> read_whole(Value& value, std::string_view where) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS) return number;
  return Rejection{Reason::kWrongType, fmt::format("{} must be a whole number", where)};
}

Trouble set_id(std::string_view id, RowFields& row) {
  row.id = id;
  return std::nullopt;
}

Trouble read_id(Value& value, RowFields& row) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS) return set_id(std::to_string(number), row);
  return store(read_string(value, "id"), row.id);
}

std::string unknown_name(std::string_view name, const LabelSet& labels) {
  const std::string other = labels.look_alike(name);
  if (other.empty()) return excerpt(name);
  return fmt::format("{} only looks like the class {}", excerpt(name), excerpt(other));
}

Trouble find_label(std::string_view name, const LabelSet& labels, std::int32_t& label) {
  label = labels.find(name);
  if (label == kNoLabel) return Rejection{Reason::kUnknownLabel, unknown_name(name, labels)};
  return std::nullopt;
}

Trouble read_label(Value& value, const LabelSet& labels, std::int32_t& label) {
  std::string_view name;
  if (Trouble trouble = store(read_string(value, "label"), name)) return trouble;
  return find_label(name, labels, label);
}

Trouble check_unit(double number, std::string_view field) {
  if (number >= 0.0 && number <= 1.0) return std::nullopt;
  return Rejection{Reason::kScoreOutOfRange, fmt::format("{} is {}", field, number)};
}

Trouble read_unit(Value& value, std::string_view field, double& number) {
  if (Trouble trouble = store(read_number(value, field), number)) return trouble;
  return check_unit(number, field);
}

// Appends one distribution, a map or an array [C], to the words. null is no mass, as tables write what is missing.
Trouble append_values(Value& value, std::string_view field, ValueKind kind, const LabelSet& labels,
                      std::vector<ListedWord>& words) {
  const std::size_t first = words.size();
  const double none = kind == ValueKind::kProbs ? 0.0 : -std::numeric_limits<double>::infinity();
  const auto append = [&words, none](std::int32_t index, std::string_view where, Value& item) -> Trouble {
    double number = none;
    if (is_null(item)) {
      words.push_back({index, number});
      return std::nullopt;
    }
    if (Trouble trouble = store(read_number(item, where), number)) return trouble;
    words.push_back({index, number});
    return std::nullopt;
  };
  if (value.is_object())
    return for_each_field(value, field,
                          [&](std::string_view word, Value item) { return append(labels.find(word), word, item); });
  if (!value.is_array()) return Rejection{Reason::kWrongType, fmt::format("{} must be an object or an array", field)};
  Trouble trouble = for_each_element(
      value, field, [&](Value& item) { return append(static_cast<std::int32_t>(words.size() - first), field, item); });
  if (!trouble && words.size() - first != labels.names().size())
    return Rejection{Reason::kWrongLength, fmt::format("{} has {} values for {} classes", field, words.size() - first,
                                                       labels.names().size())};
  return trouble;
}

Trouble read_values(Value& value, std::string_view field, const RowSchema& schema, RowFields& row) {
  row.kind = field == "logprobs" ? ValueKind::kLogprobs : field == "probs" ? ValueKind::kProbs : ValueKind::kLogits;
  if (!spec::traits_of(schema.task).per_token())
    return append_values(value, field, row.kind, *schema.labels, row.words);
  return for_each_element(value, field, [&](Value& token) -> Trouble {
    Trouble trouble;
    if (!is_null(token)) trouble = append_values(token, field, row.kind, *schema.labels, row.words);
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
  std::string_view tag;
  if (Trouble trouble = store(read_string(value, "a tag"), tag)) return trouble;
  row.tags.push_back(schema.labels->find(tag));
  if (row.tags.back() == kNoLabel) return Rejection{Reason::kUnknownTag, unknown_name(tag, *schema.labels)};
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

// A class of a row: its name, or as our tools print it an object {"label": name, "probability": ...}.
Trouble read_listed_label(Value& value, const LabelSet& labels, std::int32_t& label) {
  if (!value.is_object()) return read_label(value, labels, label);
  Trouble trouble = for_each_field(value, "labels", [&](std::string_view key, Value item) -> Trouble {
    return key == "label" ? read_label(item, labels, label) : std::nullopt;
  });
  if (!trouble && label == kNoLabel) return Rejection{Reason::kMissingField, "label of an entry of labels"};
  return trouble;
}

// The type of a span: that of "B-type" in a tag task, "delete" in an edit task.
Trouble find_type(std::string_view type, const RowSchema& schema, std::uint32_t& index) {
  const std::string tag =
      spec::traits_of(schema.task).classes == spec::ClassNames::kIob2 ? "B-" + std::string(type) : std::string(type);
  const std::int32_t c = schema.labels->find(tag);
  index = c < 0 ? spec::TagScheme::kOutside : schema.tags.type_of[static_cast<std::size_t>(c)];
  if (index == spec::TagScheme::kOutside) return Rejection{Reason::kUnknownTag, fmt::format("type \"{}\"", type)};
  return std::nullopt;
}

Trouble read_span(Value& value, const RowSchema& schema, RowFields& row) {
  LoggedSpan span{-1, -1, spec::TagScheme::kOutside};
  Trouble trouble = for_each_field(value, "spans", [&](std::string_view key, Value item) -> Trouble {
    if (key == "start") return store(read_whole(item, "start of a span"), span.start);
    if (key == "end") return store(read_whole(item, "end of a span"), span.end);
    if (key != "type") return std::nullopt;
    std::string_view type;
    if (Trouble bad = store(read_string(item, "type of a span"), type)) return bad;
    return find_type(type, schema, span.type);
  });
  if (trouble) return trouble;
  if (span.start < 0 || span.end < 0 || span.type == spec::TagScheme::kOutside)
    return Rejection{Reason::kMissingField, "a span needs start, end and type"};
  row.spans.push_back(span);
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
      return read_label(value, *schema.labels, row.label);
    case RowFields::kLabels:
      return for_each_element(value, field, [&](Value& item) -> Trouble {
        return read_listed_label(item, *schema.labels, row.labels.emplace_back(kNoLabel));
      });
    case RowFields::kScore:
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
      return for_each_element(value, field, [&](Value& item) { return read_span(item, schema, row); });
    case RowFields::kUnit:
      return read_text_unit(value, row.unit);
    default:
      return read_values(value, field, schema, row);
  }
}

// A number that is the whole field.
Trouble read_plain_unit(std::string_view text, std::string_view field, double& number) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc() && end == text.data() + text.size()) return check_unit(number, field);
  return Rejection{Reason::kWrongType, fmt::format("{} is \"{}\", must be a number", field, text)};
}

}  // namespace

void RowFields::clear(TextUnit default_unit) {
  unit = default_unit;
  seen = present = 0;
  label = kNoLabel;
  id.clear();
  text = target = {};
  labels.clear();
  tokens.clear();
  offsets.clear();
  tags.clear();
  spans.clear();
  words.clear();
  word_ends.clear();
}

Trouble read_field(std::string_view field, JsonRow::Value& value, const RowSchema& schema, RowFields& row) {
  const std::uint32_t name = find_name(field) & fields_of(schema.task);
  if (name == 0) return std::nullopt;
  // A null distribution allows one of another kind.
  const bool null = name != RowFields::kText && name != RowFields::kId && is_null(value);
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
  return read_present(name, field, value, schema, row);
}

Trouble read_plain_field(std::string_view field, std::string_view value, const RowSchema& schema, RowFields& row) {
  const std::uint32_t name = find_name(field) & fields_of(schema.task);
  row.seen |= name;
  row.present |= name;
  switch (name) {
    case RowFields::kId:
      return set_id(value, row);
    case RowFields::kText:
      row.text = value;
      return check_text(value);
    case RowFields::kTarget:
      row.target = value;
      return check_text(value);
    case RowFields::kLabel:
      return find_label(value, *schema.labels, row.label);
    case RowFields::kScore:
      return read_plain_unit(value, field, row.score);
    case RowFields::kProb:
      return read_plain_unit(value, field, row.prob);
    default:
      row.seen &= ~name;
      row.present &= ~name;
      return std::nullopt;
  }
}

bool is_field_name(std::string_view name) { return find_name(name) != 0; }

}  // namespace noggin::data
