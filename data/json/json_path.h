// Where something stands in a document of a log: `body.messages[-1].content`.
//   name            a field of an object; "a.b" in double quotes for a name with dots or brackets
//   [n]             element n of an array from its beginning, [-n] from its end
//   [key=value]     the first element of an array that is an object with this field
// What common logs wrap is looked through: a string that holds a JSON object or array counts as that, and a list of
// {"key", "value"} pairs as an object, whose values may be {"stringValue": ...} and its siblings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "data/json/json_row.h"
#include "noggin/result.h"

namespace noggin::data {

// The documents inside a row's strings. One row at a time; not for several threads.
class EmbeddedJson {
 public:
  // Forgets the documents of the row before; their values become invalid.
  void clear() { used_ = 0; }
  // The value that a string spells; the string itself if it does not hold a JSON object or array.
  JsonValue open(JsonValue value);

 private:
  struct Document {
    const char* source = nullptr;  // where the string lies in the row: asked for again, it is not parsed again
    simdjson::dom::parser parser;
    JsonValue root;
  };
  std::vector<std::unique_ptr<Document>> documents_;  // reused; the first used_ belong to this row
  std::size_t used_ = 0;
};

class JsonPath {
 public:
  JsonPath() = default;
  // kInvalidArgument, with the place, if `text` is no path.
  static Result<JsonPath> parse(std::string_view text);
  // Nothing if the document has no such place, or null there.
  std::optional<JsonValue> find(JsonValue root, EmbeddedJson& inner) const;
  const std::string& text() const { return text_; }
  // The field that it begins with; nothing if it begins otherwise.
  std::optional<std::string_view> first_name() const;

 private:
  friend class JsonPaths;
  struct Name {
    std::string key;
    bool operator==(const Name&) const = default;
  };
  struct Index {
    std::int64_t at;
    bool operator==(const Index&) const = default;
  };
  struct Where {
    std::string key, value;
    bool operator==(const Where&) const = default;
  };
  using Step = std::variant<Name, Index, Where>;

  // Where the steps [from, to) lead from `place`; `to` beyond the last step is the last.
  std::optional<JsonValue> walk(JsonValue place, std::size_t from, std::size_t to, EmbeddedJson& inner) const;
  bool begins_like(const JsonPath& other) const {
    return !steps_.empty() && !other.steps_.empty() && steps_.front() == other.steps_.front();
  }

  std::string text_;
  std::vector<Step> steps_;
};

// Places that are tried in order. An empty object or list counts only where no other place has anything: gateways leave
// one behind where they log something in another field.
class JsonPaths {
 public:
  // Paths joined by |, from a table of ours; "" for none, "." for the document itself.
  explicit JsonPaths(std::string_view text = {});
  bool empty() const { return paths_.empty(); }
  const std::vector<JsonPath>& all() const { return paths_; }
  std::optional<JsonValue> find(JsonValue root, EmbeddedJson& inner) const;

 private:
  std::vector<JsonPath> paths_;
  std::vector<char> begins_as_before_;  // 1: the first step is that of the path before
};

// The field `key` of an object, or of a list of {"key", "value"} pairs; nothing if it is absent or null.
std::optional<JsonValue> field_of(JsonValue value, std::string_view key);
// The text of a string; "" of anything else.
std::string_view string_of(JsonValue value);

}  // namespace noggin::data
