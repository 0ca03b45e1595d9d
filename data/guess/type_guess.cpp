#include "data/guess/type_guess.h"

#include <algorithm>
#include <iterator>

#include "data/json/json_path.h"
#include "data/logs/span_fields.h"
#include "data/logs/written_answer.h"

namespace noggin::data {
namespace {

constexpr int kDeepestType = 6;
constexpr std::string_view kNamesOfTypes[] = {"type", "label", "tag", "entity_type", "entity_group"};

template <typename Visit>
void for_each_string(JsonValue value, const Visit& visit) {
  JsonArray array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return;
  for (const JsonValue item : array)
    if (item.is_string()) visit(string_of(item));
}

bool is_tag(std::string_view name) { return name.starts_with("B-") || name.starts_with("I-"); }

}  // namespace

void TypeGuess::add(std::string_view type) {
  if (is_tag(type)) type.remove_prefix(2);
  if (type.empty() || types_.size() >= kMostClasses) return;
  ++types_[std::string(type)];
  ++types_seen_;
}

void TypeGuess::add(const WordCounts& types) {
  for (const auto& [type, count] : types) types_[type] += count;
}

void TypeGuess::add_tag(std::string_view tag) {
  if (is_tag(tag)) add(tag);
}

void TypeGuess::add_choice(std::string_view name) {
  if (name.size() > kLongestClassBytes || choices_.size() >= kMostClasses) return;
  ++choices_[std::string(name)];
  ++choices_seen_;
}

bool TypeGuess::look_at_line(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) line.remove_suffix(1);
  const std::size_t gap = line.find_last_of(" \t");
  if (gap == std::string_view::npos) return false;
  const std::string_view tag = line.substr(gap + 1);
  const bool is_any_tag =
      tag.size() > 2 && tag[1] == '-' && std::string_view("BIESUL").find(tag[0]) != std::string_view::npos;
  if (is_any_tag && types_.size() < kMostClasses) ++types_[std::string(tag.substr(2))];
  return is_any_tag || tag == "O";
}

bool TypeGuess::look_at_answer(const LoggedAnswer& answer) {
  const Checked<std::string> json = json_in_answer(answer);
  if (!std::holds_alternative<std::string>(json)) return false;
  const Checked<JsonValue> root = json_.parse_copy(std::get<std::string>(json));
  if (!std::holds_alternative<JsonValue>(root)) return false;
  const auto types = spans_in_answer(std::get<JsonValue>(root));
  if (!types) return false;
  for (const std::string_view type : *types) add(type);
  return true;
}

void TypeGuess::look_at(JsonValue value, int depth) {
  JsonArray array;
  if (depth > kDeepestType) return;
  if (value.get_array().get(array) != simdjson::SUCCESS) return look_at_object(value, depth);
  const bool is_triple = array.size() == 3 && JsonValue(array.at(0)).is_number() && JsonValue(array.at(2)).is_string();
  for (const JsonValue item : array) {
    if (!item.is_string())
      look_at(item, depth + 1);
    else if (is_triple)
      add(string_of(item));
    else
      add_tag(string_of(item));
  }
}

void TypeGuess::look_at_object(JsonValue value, int depth) {
  JsonObject object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return;
  const auto value_of_tool = field_of(value, "value");  // Label Studio's, which has a type of its own
  if (value_of_tool && value_of_tool->is_object()) return look_at(*value_of_tool, depth + 1);
  for (const auto field : object) {
    if (field.key == "choices")
      for_each_string(field.value, [this](std::string_view name) { add_choice(name); });
    else if (std::ranges::find(kNamesOfTypes, field.key) != std::end(kNamesOfTypes))
      add(string_of(field.value));
    else if (field.key == "labels")
      for_each_string(field.value, [this](std::string_view name) { add(name); });
    else if (!field.value.is_string())
      look_at(field.value, depth + 1);
  }
}

}  // namespace noggin::data
