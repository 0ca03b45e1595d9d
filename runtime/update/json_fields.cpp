#include "update/json_fields.h"

#include <algorithm>
#include <charconv>

#include "bytes/message.h"
#include "update/blake2b.h"

namespace noggin::update {

JsonFields::JsonFields(const JsonValue& value, std::string where) : value_(value), where_(std::move(where)) {
  if (value_.kind != JsonValue::Kind::kObject) fail("is not an object");
}

void JsonFields::fail(std::string what) {
  if (fault_.empty()) fault_ = where_ + ": " + std::move(what);
}

const JsonValue* JsonFields::find(std::string_view name) {
  taken_.emplace_back(name);
  const JsonValue* member = value_.find(name);
  if (member == nullptr) fail(message({"\"", name, "\" is missing"}));
  return fault_.empty() ? member : nullptr;
}

const JsonValue* JsonFields::take(std::string_view name, JsonValue::Kind kind) {
  const JsonValue* member = find(name);
  if (member == nullptr || member->kind == kind) return member;
  fail(message({"\"", name, "\" is of another kind"}));
  return nullptr;
}

const JsonValue* JsonFields::take_or_null(std::string_view name, JsonValue::Kind kind) {
  const JsonValue* member = value_.find(name);
  if (member == nullptr || member->kind != JsonValue::Kind::kNull) return take(name, kind);
  taken_.emplace_back(name);
  return nullptr;
}

std::string JsonFields::text(std::string_view name, std::size_t most_bytes) {
  const JsonValue* member = take(name, JsonValue::Kind::kString);
  if (member == nullptr) return {};
  if (member->text.size() > most_bytes) fail(message({"\"", name, "\" is longer than ", most_bytes, " bytes"}));
  return fault_.empty() ? member->text : std::string();
}

std::string JsonFields::hexadecimal(std::string_view name, std::size_t digits) {
  std::string value = text(name, digits);
  if (!is_hexadecimal(value, digits)) fail(message({"\"", name, "\" is not ", digits, " hexadecimal digits"}));
  return value;
}

std::uint64_t JsonFields::integer(std::string_view name, std::uint64_t most) {
  const JsonValue* member = take(name, JsonValue::Kind::kNumber);
  if (member == nullptr) return 0;
  std::uint64_t value = 0;
  const char *begin = member->text.data(), *end = begin + member->text.size();
  const auto [parsed, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || parsed != end || value > most)
    fail(message({"\"", name, "\" is not a whole number up to ", most}));
  return fault_.empty() ? value : 0;
}

bool JsonFields::boolean(std::string_view name) {
  const JsonValue* member = find(name);
  if (member == nullptr) return false;
  const bool is_true = member->kind == JsonValue::Kind::kTrue;
  if (!is_true && member->kind != JsonValue::Kind::kFalse) fail(message({"\"", name, "\" is neither true nor false"}));
  return is_true;
}

Status JsonFields::finish() {
  for (std::size_t i = 0; i < value_.members.size() && fault_.empty(); ++i) {
    const std::string& name = value_.members[i].first;
    if (std::find(taken_.begin(), taken_.end(), name) == taken_.end()) fail(message({"unknown member \"", name, "\""}));
    for (std::size_t j = 0; j < i; ++j)
      if (value_.members[j].first == name) fail(message({"\"", name, "\" stands there twice"}));
  }
  return status();
}

}  // namespace noggin::update
