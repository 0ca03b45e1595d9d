// Unicode tables for tests that must not depend on utf8proc: ASCII by rule, nothing special beyond it.
#pragma once

#include <cstddef>
#include <vector>

#include "tokenizer/unicode_tables.h"

namespace noggin::tests {

inline const std::vector<std::byte>& ascii_tables() {
  static const std::vector<std::byte> tables =
      *runtime::encode_unicode_tables([](std::uint32_t) { return runtime::CharacterFacts{}; });
  return tables;
}

}  // namespace noggin::tests
