#include "prediction/json_writer.h"

#include <charconv>
#include <cstddef>
#include <string>

#include "bytes/foreign_text.h"
#include "bytes/utf8.h"

namespace noggin {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_finite(double value) { return value - value == 0.0; }

// Of one character, valid UTF-8.
void append_character(std::uint32_t code_point, std::string_view bytes, std::string& out) {
  switch (code_point) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (is_unprintable(code_point)) {
    append_escaped(code_point, out);
  } else {
    out += bytes;
  }
}

}  // namespace

JsonStep json_step(std::string_view text) {
  std::size_t taken = 0;
  const bool invalid = decode_utf8(text, taken) == kReplacementCharacter;
  return {taken, invalid ? kReplacement.size() : taken};
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    const std::uint32_t code_point = decode_utf8(text, position);
    const bool invalid = code_point == kReplacementCharacter;
    append_character(code_point, invalid ? kReplacement : text.substr(start, position - start), out);
  }
  out += '"';
}

void append_json_float(float value, std::string& out) {
  if (!is_finite(value)) {
    out += "null";
    return;
  }
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, 9).ptr);
}

void append_json_short(float value, std::string& out) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 6).ptr;
  out.append(text, end);
}

void append_json_floats(std::span<const float> values, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_json_float(values[i], out);
  }
  out += ']';
}

void append_json_fixed(double value, int decimals, std::string& out) {
  if (!is_finite(value)) {
    out += "null";
    return;
  }
  char digits[512];  // the largest double has 309 digits before the point
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals).ptr);
}

void JsonObject::key(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  append_json_string(name, out_);
  out_ += ':';
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  key(name);
  append_json_string(value, out_);
  return *this;
}

JsonObject& JsonObject::integer(std::string_view name, std::uint64_t value) {
  key(name);
  out_ += std::to_string(value);
  return *this;
}

JsonObject& JsonObject::fixed(std::string_view name, double value, int decimals) {
  key(name);
  append_json_fixed(value, decimals, out_);
  return *this;
}

JsonObject& JsonObject::number(std::string_view name, float value) {
  key(name);
  append_json_float(value, out_);
  return *this;
}

JsonObject& JsonObject::floats(std::string_view name, std::span<const float> values) {
  key(name);
  append_json_floats(values, out_);
  return *this;
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
  return *this;
}

}  // namespace noggin
