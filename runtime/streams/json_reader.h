// Reads one JSON value (RFC 8259) into a tree. For lines of a few kilobytes: clarity before speed. Numbers stay text,
// so that a float is rounded once, from the digits in the input.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "noggin/result.h"

namespace noggin {

struct JsonValue {
  enum class Kind { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string text;                                        // kString: decoded UTF-8; kNumber: as written
  std::vector<JsonValue> items;                            // kArray
  std::vector<std::pair<std::string, JsonValue>> members;  // kObject, in order

  // The last member of that name, or null; also null if this is not an object.
  const JsonValue* find(std::string_view name) const;
};

// The whole of `text` must be one value. Escapes and surrogate pairs are decoded, a lone surrogate becomes U+FFFD,
// bytes that are not UTF-8 are kept. Errors are kBadData, "column 17: ..."; nesting is limited to kDeepestJson levels.
Result<JsonValue> parse_json(std::string_view text);

}  // namespace noggin
