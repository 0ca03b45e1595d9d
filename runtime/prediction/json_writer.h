// Appends JSON to a string. The output is always valid: bytes that are not UTF-8 become U+FFFD, a number that JSON
// cannot express (NaN, infinity) becomes null.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace noggin {

// What no terminal may show (bytes/foreign_text.h) is escaped.
void append_json_string(std::string_view text, std::string& out);
// One step of append_json_string at the start of `text` (not empty): how many bytes it takes, and how long the UTF-8 of
// the character is that a reader of the output gets for them.
struct JsonStep {
  std::size_t taken = 1, shown = 1;
};
JsonStep json_step(std::string_view text);
// Nine significant digits: reading them back gives the same bits.
void append_json_float(float value, std::string& out);
// For people: as few digits as needed, at most six: 0.41, 0.7.
void append_json_short(float value, std::string& out);
void append_json_floats(std::span<const float> values, std::string& out);  // [1,2,3]
// [1,2,3]; append(item, out) appends the JSON of one item.
template <typename Items, typename Append>
std::string json_array(const Items& items, const Append& append) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    append(item, out);
  }
  return out + "]";
}
void append_json_fixed(double value, int decimals, std::string& out);

// {"a":1,"b":"x"}: adds commas and keys; finish() closes the brace.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& integer(std::string_view key, std::uint64_t value);
  JsonObject& fixed(std::string_view key, double value, int decimals);
  JsonObject& number(std::string_view key, float value);
  JsonObject& floats(std::string_view key, std::span<const float> values);
  JsonObject& raw(std::string_view key, std::string_view json);  // `json` is already a JSON value
  void finish() { out_ += '}'; }

 private:
  void key(std::string_view name);
  std::string& out_;
  bool first_ = true;
};

}  // namespace noggin
