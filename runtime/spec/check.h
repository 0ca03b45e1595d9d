// Checks: rules that find spans by form and checksum, beside the model of a tag task. The file names them (section
// `checks`), checks/ finds them, engine/tag_text.h says how they and the model's spans make one answer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace noggin::spec {

// In the order in which they are tried. A kind's number is stored in files and never changes its meaning.
enum class CheckKind : std::uint32_t { kCard = 1, kIban, kEmail, kIp, kUsSsn, kUrl };

// The names in recipes, in the order of the numbers.
inline constexpr std::array<std::string_view, 6> kCheckNames = {"card", "iban", "email", "ip", "us_ssn", "url"};

inline constexpr bool is_known(CheckKind kind) {
  const auto number = static_cast<std::uint32_t>(kind);
  return number >= 1 && number <= kCheckNames.size();
}
inline constexpr std::string_view check_name(CheckKind kind) {  // of a known kind
  return kCheckNames[static_cast<std::uint32_t>(kind) - 1];
}

// What a kind finds is a span of this type. Files hold these two numbers as they are.
struct Check {
  CheckKind kind;
  std::uint32_t type;  // of TagScheme::types
  friend bool operator==(const Check&, const Check&) = default;
};

}  // namespace noggin::spec
