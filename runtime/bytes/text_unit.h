// What places in a text count: the unit of offsets in logs and in printed answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace noggin {

enum class TextUnit : std::uint8_t {
  kByte,       // of UTF-8: C, C++, Go, Rust
  kCodePoint,  // Python
  kUtf16,      // UTF-16 units: JavaScript, Java, C#
};

// By value of the enumeration; as rows, recipes and command lines name them.
inline constexpr std::array<std::string_view, 3> kTextUnitNames{"byte", "code_point", "utf16"};

constexpr std::string_view text_unit_name(TextUnit unit) { return kTextUnitNames[static_cast<std::size_t>(unit)]; }

constexpr std::optional<TextUnit> text_unit_of(std::string_view name) {
  for (std::size_t i = 0; i < kTextUnitNames.size(); ++i) {
    if (kTextUnitNames[i] == name) return static_cast<TextUnit>(i);
  }
  return std::nullopt;
}

// Length of a character that UTF-8 writes in `utf8_bytes` (1 to 4) bytes.
constexpr std::size_t length_in(TextUnit unit, std::size_t utf8_bytes) {
  if (unit == TextUnit::kByte) return utf8_bytes;
  return unit == TextUnit::kUtf16 && utf8_bytes == 4 ? 2 : 1;
}

}  // namespace noggin
