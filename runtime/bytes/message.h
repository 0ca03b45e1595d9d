// Builds an error text from parts, without a chain of + and to_string at every call site:
//   message({"label has ", label.size(), " bytes, must be 1 to ", kMaxLabelBytes})
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace noggin {

// A text, an integer, or a float (nine digits, which identify every binary32 value). Does not own its text.
class MessagePart {
 public:
  MessagePart(const char* text) : kind_(Kind::kText), text_(text) {}         // NOLINT: implicit on purpose
  MessagePart(std::string_view text) : kind_(Kind::kText), text_(text) {}    // NOLINT
  MessagePart(const std::string& text) : kind_(Kind::kText), text_(text) {}  // NOLINT
  MessagePart(float value) : kind_(Kind::kFloat), value_(value) {}           // NOLINT
  template <std::unsigned_integral Integer>
  MessagePart(Integer number) : kind_(Kind::kUnsigned), number_(number) {}  // NOLINT
  template <std::signed_integral Integer>
  MessagePart(Integer number)  // NOLINT
      : kind_(Kind::kSigned), number_(static_cast<std::uint64_t>(std::int64_t{number})) {}

  void append_to(std::string& message) const;

 private:
  enum class Kind : std::uint8_t { kText, kUnsigned, kSigned, kFloat };
  Kind kind_;
  float value_ = 0.0F;
  std::uint64_t number_ = 0;
  std::string_view text_;
};
using MessageParts = std::initializer_list<MessagePart>;

std::string message(MessageParts parts);

}  // namespace noggin
