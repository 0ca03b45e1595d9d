// Strict reading of a JSON object: each member once, no member that nobody asks for, each of the kind and within the
// limits that are asked. The first fault is kept; after it every take gives an empty value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "noggin/result.h"
#include "streams/json_reader.h"

namespace noggin::update {

class JsonFields {
 public:
  // `value` must outlive this. where: "manifest", "channels.stable", for messages.
  JsonFields(const JsonValue& value, std::string where);

  // A member that must be there, of this kind. Null after a fault.
  const JsonValue* take(std::string_view name, JsonValue::Kind kind);
  // The same; also null where the member is JSON's null.
  const JsonValue* take_or_null(std::string_view name, JsonValue::Kind kind);
  std::string text(std::string_view name, std::size_t most_bytes);
  std::string hexadecimal(std::string_view name, std::size_t digits);
  std::uint64_t integer(std::string_view name, std::uint64_t most);
  bool boolean(std::string_view name);

  void fail(std::string what);
  // Last: names a member that was not taken, or that stands there twice.
  Status finish();
  Status status() const { return fault_.empty() ? Status() : Status(Error{ErrorCode::kBadData, fault_}); }

 private:
  const JsonValue* find(std::string_view name);

  const JsonValue& value_;
  std::string where_, fault_;
  std::vector<std::string> taken_;
};

}  // namespace noggin::update
