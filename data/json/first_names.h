// Which rows of a table of paths a document may match, by one look at its fields: a path that begins with a field that
// the document lacks finds nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/json/json_path.h"

namespace noggin::data {

class FirstNames {
 public:
  // A set of fields. Two sets that share a field share a bit; names beyond 64 share bits too, so that sets that share
  // one may have no field in common.
  using Set = std::uint64_t;
  static constexpr Set kAny = ~Set{0};

  // The fields that these paths begin with; kAny if one of them begins otherwise.
  Set add(const JsonPaths& paths);
  // The fields among those added that a document has, null ones included; kAny for what is no object.
  Set in(JsonValue document) const;

 private:
  static constexpr std::size_t kSlots = 256;  // for some dozens of names
  std::size_t slot_of(std::string_view name) const;

  std::vector<std::string> names_;
  std::array<std::uint8_t, kSlots> slots_{};  // 1 + the index of a name, or 0
};

}  // namespace noggin::data
