#include "data/logs/class_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "data/json/json_path.h"
#include "data/rows/blank.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::string_view kPipelineName = "LABEL_";
constexpr std::string_view kClassNames[] = {"label", "class", "name", "category"};
constexpr std::string_view kValueNames[] = {"score", "probability", "prob", "p", "confidence", "logprob", "value"};

template <std::size_t N>
std::optional<JsonValue> first_of(JsonValue object, const std::string_view (&names)[N]) {
  for (const std::string_view name : names)
    if (const auto field = field_of(object, name)) return field;
  return std::nullopt;
}

// A place in data.labels, or kNoLabel. Numbers that are names of classes are no places.
std::int32_t class_at(std::int64_t place, const LabelSet& labels) {
  const bool is_place = !labels.has_numbers() && place >= 0 && place < static_cast<std::int64_t>(labels.names().size());
  return is_place ? static_cast<std::int32_t>(place) : kNoLabel;
}

Trouble read_numbered_class(std::int64_t number, const LabelSet& labels, std::int32_t& label, bool& numbered) {
  label = labels.find(std::to_string(number));
  if (label != kNoLabel || number == -1) return std::nullopt;
  label = class_at(number, labels);
  numbered = numbered || label != kNoLabel;
  if (label != kNoLabel) return std::nullopt;
  if (labels.has_numbers()) return Rejection{Reason::kUnknownLabel, std::to_string(number)};
  return Rejection{Reason::kUnknownLabel,
                   fmt::format("class number {}, there are {} classes from 0", number, labels.names().size())};
}

Trouble read_boolean_class(bool value, const LabelSet& labels, std::int32_t& label) {
  label = labels.find(value ? "true" : "false");
  if (label == kNoLabel) label = labels.find(value ? "yes" : "no");
  if (label != kNoLabel) return std::nullopt;
  return Rejection{Reason::kUnknownLabel, value ? "true" : "false"};
}

Trouble read_only_class(JsonArray list, std::string_view where, const LabelSet& labels, std::int32_t& label,
                        bool& numbered) {
  if (list.size() > 1)
    return Rejection{Reason::kWrongType, fmt::format("{} lists {} classes, must be one", where, list.size())};
  for (const JsonValue only : list) return read_class(only, where, labels, label, numbered);
  return std::nullopt;
}

// One entry of a list, and the words of the row so far.
class Entries {
 public:
  Entries(std::string_view field, ValueKind kind, const LabelSet& labels, std::vector<ListedWord>& words,
          bool& numbered)
      : field_(field), kind_(kind), labels_(labels), words_(words), numbered_(numbered), first_(words.size()) {}

  Trouble add(std::int32_t index, std::string_view where, JsonValue value) {
    double number = kind_ == ValueKind::kProbs ? 0.0 : -std::numeric_limits<double>::infinity();
    if (!is_null(value)) {
      Checked<double> read = read_number(value, where);
      if (auto* bad = std::get_if<Rejection>(&read)) return std::move(*bad);
      number = std::get<double>(read);
    }
    words_.push_back({index, number});
    return std::nullopt;
  }
  Trouble add_named(std::string_view name, JsonValue value) {
    names_.push_back(name);
    return add(find_class(name, labels_, numbered_), name, value);
  }
  // {"label": "A", "score": 0.9} or ["A", 0.9].
  Trouble add_listed(JsonValue entry) {
    std::optional<JsonValue> name, value;
    if (JsonArray pair; entry.get_array().get(pair) == simdjson::SUCCESS && pair.size() == 2) {
      name = pair.at(0).value_unsafe();
      value = pair.at(1).value_unsafe();
    } else if (entry.is_object()) {
      name = first_of(entry, kClassNames);
      value = first_of(entry, kValueNames);
    }
    if (!name || !value)
      return Rejection{Reason::kMissingField, fmt::format("label or score of an entry of {}", field_)};
    if (name->is_string()) return add_named(string_of(*name), *value);
    std::int32_t label = kNoLabel;
    if (Trouble trouble = read_class(*name, field_, labels_, label, numbered_)) return trouble;
    return add(label, field_, *value);
  }
  Trouble add_in_order(JsonValue value) {
    return add(static_cast<std::int32_t>(words_.size() - first_), field_, value);
  }
  std::size_t size() const { return words_.size() - first_; }
  // The same name twice has two values, and nothing says which of them counts.
  Trouble check_names() {
    std::sort(names_.begin(), names_.end());
    const auto twice = std::adjacent_find(names_.begin(), names_.end());
    if (twice == names_.end()) return std::nullopt;
    return Rejection{Reason::kRepeatedField, fmt::format("{} in {}", excerpt(*twice), field_)};
  }

 private:
  std::string_view field_;
  ValueKind kind_;
  const LabelSet& labels_;
  std::vector<ListedWord>& words_;
  bool& numbered_;
  std::size_t first_;
  std::vector<std::string_view> names_;
};

// [[{...}, ...]] -> the inner list.
JsonArray inner_list(JsonArray list) {
  JsonArray inner;
  if (list.size() != 1 || list.at(0).get_array().get(inner) != simdjson::SUCCESS || inner.size() == 0) return list;
  return inner.at(0).is_object() || inner.at(0).is_array() ? inner : list;
}

}  // namespace

std::string unknown_class(std::string_view name, const LabelSet& labels) {
  const std::string other = labels.look_alike(name);
  if (other.empty()) return excerpt(name);
  return fmt::format("{} only looks like the class {}", excerpt(name), excerpt(other));
}

std::int32_t find_class(std::string_view word, const LabelSet& labels, bool& numbered) {
  const std::int32_t named = labels.find(word);
  if (named != kNoLabel) return named;
  if (word.starts_with(kPipelineName)) word.remove_prefix(kPipelineName.size());
  std::int64_t place = -1;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), place);
  if (code != std::errc() || end != word.data() + word.size()) return kNoLabel;
  const std::int32_t found = class_at(place, labels);
  numbered = numbered || found != kNoLabel;
  return found;
}

Trouble read_class(JsonValue value, std::string_view where, const LabelSet& labels, std::int32_t& label,
                   bool& numbered) {
  label = kNoLabel;
  if (is_null(value)) return std::nullopt;
  if (value.is_string()) {
    const std::string_view name = string_of(value);
    label = find_class(name, labels, numbered);
    if (label != kNoLabel || is_blank(name) || name == "-1") return std::nullopt;
    return Rejection{Reason::kUnknownLabel, unknown_class(name, labels)};
  }
  if (value.is_bool()) return read_boolean_class(bool(value), labels, label);
  if (value.is_number()) {
    const double number = value.get_double().value();
    // 2.0: a column of numbers in which some are missing.
    if (number > -2147483648.0 && number < 2147483648.0 &&
        number == static_cast<double>(static_cast<std::int64_t>(number)))
      return read_numbered_class(static_cast<std::int64_t>(number), labels, label, numbered);
  }
  if (JsonArray list; value.get_array().get(list) == simdjson::SUCCESS)
    return read_only_class(list, where, labels, label, numbered);
  if (value.is_object()) {
    const auto name = first_of(value, kClassNames);
    if (name) return read_class(*name, where, labels, label, numbered);
    return Rejection{Reason::kMissingField, fmt::format("label of an entry of {}", where)};
  }
  return Rejection{Reason::kWrongType, fmt::format("{} is {}, must be a class", where,
                                                   std::string_view(simdjson::minify(value)).substr(0, 60))};
}

Trouble append_distribution(JsonValue value, std::string_view field, ValueKind kind, const LabelSet& labels,
                            std::vector<ListedWord>& words, bool& numbered) {
  Entries entries(field, kind, labels, words, numbered);
  if (value.is_object()) {
    Trouble trouble = for_each_field(
        value, field, [&](std::string_view word, JsonValue item) { return entries.add_named(word, item); });
    return trouble ? trouble : entries.check_names();
  }
  JsonArray list;
  if (value.get_array().get(list) != simdjson::SUCCESS)
    return Rejection{Reason::kWrongType, fmt::format("{} must be an object or an array", field)};
  list = inner_list(list);
  bool in_order = true;
  for (const JsonValue item : list) {
    const bool is_listed = item.is_object() || item.is_array();
    in_order = in_order && !is_listed;
    if (Trouble trouble = is_listed ? entries.add_listed(item) : entries.add_in_order(item)) return trouble;
  }
  if (in_order && entries.size() != labels.names().size())
    return Rejection{Reason::kWrongLength,
                     fmt::format("{} has {} values for {} classes", field, entries.size(), labels.names().size())};
  return entries.check_names();
}

Trouble append_pairs(JsonValue classes, JsonValue values, const LabelSet& labels, std::vector<ListedWord>& words,
                     bool& numbered) {
  JsonArray names, numbers;
  if (classes.get_array().get(names) != simdjson::SUCCESS || values.get_array().get(numbers) != simdjson::SUCCESS)
    return Rejection{Reason::kWrongType, "labels and scores must be arrays"};
  if (names.size() != numbers.size())
    return Rejection{Reason::kWrongLength, fmt::format("{} scores for {} labels", numbers.size(), names.size())};
  Entries entries("labels", ValueKind::kProbs, labels, words, numbered);
  auto number = numbers.begin();
  for (const JsonValue name : names) {
    if (!name.is_string()) return Rejection{Reason::kWrongType, "labels beside scores must be names"};
    if (Trouble trouble = entries.add_named(string_of(name), *number)) return trouble;
    ++number;
  }
  return entries.check_names();
}

}  // namespace noggin::data
