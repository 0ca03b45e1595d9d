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

// The only field of an object that fits; nothing if there are several.
template <typename Fits>
std::optional<JsonValue> only_field(JsonValue value, Fits&& fits) {
  JsonObject object;
  std::optional<JsonValue> found;
  if (value.get_object().get(object) != simdjson::SUCCESS) return found;
  for (const auto field : object) {
    if (!fits(field.value)) continue;
    if (found) return std::nullopt;
    found = field.value;
  }
  return found;
}

struct NamedValue {
  JsonValue name, value;
};

// {"label": "A", "score": 0.9} or ["A", 0.9].
std::optional<NamedValue> named_value(JsonValue entry) {
  if (JsonArray pair; entry.get_array().get(pair) == simdjson::SUCCESS && pair.size() == 2)
    return NamedValue{pair.at(0).value_unsafe(), pair.at(1).value_unsafe()};
  std::optional<JsonValue> name = first_of(entry, kClassNames), value = first_of(entry, kValueNames);
  if (!name) name = only_field(entry, [](JsonValue field) { return field.is_string(); });
  if (!value) value = only_field(entry, [](JsonValue field) { return field.is_number(); });
  if (!name || !value) return std::nullopt;
  return NamedValue{*name, *value};
}

// The number of a class: by itself, or as the only one of an object.
JsonValue number_of(JsonValue value) {
  const auto only = only_field(value, [](JsonValue field) { return field.is_number(); });
  return only ? *only : value;
}

bool is_list_of(JsonValue value, bool (*fits)(JsonValue)) {
  JsonArray list;
  if (value.get_array().get(list) != simdjson::SUCCESS || list.size() == 0) return false;
  for (const JsonValue item : list)
    if (!fits(item)) return false;
  return true;
}

bool says_names(std::string_view key) {
  for (const std::string_view word : {"name", "Name", "label", "Label", "class", "Class"})
    if (key.find(word) != std::string_view::npos) return true;
  return false;
}

// The two lists of {"names": ["A", "B"], "scores": [0.9, 0.1]}. Of several lists of strings ("ids") the one that says
// so.
std::optional<NamedValue> side_by_side(JsonValue value) {
  const auto is_names = [](JsonValue field) {
    return is_list_of(field, [](JsonValue item) { return item.is_string(); });
  };
  auto names = only_field(value, is_names);
  JsonObject object;
  if (!names && value.get_object().get(object) == simdjson::SUCCESS)
    for (const auto field : object)
      if (!names && says_names(field.key) && is_names(field.value)) names = field.value;
  const auto numbers = only_field(value, [](JsonValue field) {
    return is_list_of(field, [](JsonValue item) { return item.is_number() && item.get_double().value() <= 1.0; });
  });
  if (!names || !numbers) return std::nullopt;
  return NamedValue{*names, *numbers};
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
  Trouble add_listed(JsonValue entry) {
    const std::optional<NamedValue> listed = named_value(entry);
    if (!listed) return Rejection{Reason::kMissingField, fmt::format("label or score of an entry of {}", field_)};
    if (listed->name.is_string()) return add_named(string_of(listed->name), listed->value);
    std::int32_t label = kNoLabel;
    if (Trouble trouble = read_class(listed->name, field_, labels_, label, numbered_)) return trouble;
    return add(label, field_, listed->value);
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

// Adds up probabilities; false for what is none.
bool add_share(JsonValue value, double& sum) {
  if (!value.is_number()) return false;
  const double number = value.get_double().value();
  sum += number;
  return number >= 0.0 && number <= 1.0;
}

}  // namespace

std::optional<std::vector<std::string_view>> list_of_classes(JsonValue value) {
  constexpr double kLeastSum = 0.9, kLargestSum = 1.02;  // a tail that is not listed, and rounding
  std::vector<std::string_view> names;
  double sum = 0.0;
  JsonObject object;
  JsonArray list;
  if (const auto lists = side_by_side(value)) {
    JsonArray words, numbers;
    if (lists->name.get_array().get(words) || lists->value.get_array().get(numbers)) return std::nullopt;
    if (words.size() != numbers.size()) return std::nullopt;
    for (const JsonValue word : words) names.push_back(string_of(word));
    for (const JsonValue number : numbers)
      if (!add_share(number, sum)) return std::nullopt;
  } else if (value.get_object().get(object) == simdjson::SUCCESS) {
    for (const auto field : object) {
      if (!add_share(number_of(field.value), sum)) return std::nullopt;
      names.push_back(field.key);
    }
  } else if (value.get_array().get(list) == simdjson::SUCCESS) {
    for (const JsonValue item : inner_list(list)) {
      const std::optional<NamedValue> listed = named_value(item);
      if (!listed || !listed->name.is_string() || !add_share(listed->value, sum)) return std::nullopt;
      names.push_back(string_of(listed->name));
    }
  }
  if (names.size() < 2 || sum < kLeastSum || sum > kLargestSum) return std::nullopt;
  return names;
}

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
    if (const auto lists = side_by_side(value)) return append_pairs(lists->name, lists->value, labels, words, numbered);
    Trouble trouble = for_each_field(
        value, field, [&](std::string_view word, JsonValue item) { return entries.add_named(word, number_of(item)); });
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

Trouble append_columns(JsonObject row, std::string_view prefix, ValueKind kind, const LabelSet& labels,
                       std::vector<ListedWord>& words, bool& numbered) {
  Entries entries(prefix, kind, labels, words, numbered);
  for (const auto field : row) {
    if (!field.key.starts_with(prefix) || labels.find(field.key.substr(prefix.size())) == kNoLabel) continue;
    if (Trouble trouble = entries.add_named(field.key.substr(prefix.size()), field.value)) return trouble;
  }
  if (entries.size() > 0) return entries.check_names();
  return Rejection{Reason::kMissingField, fmt::format("no field is called \"{}\" and a class", prefix)};
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
