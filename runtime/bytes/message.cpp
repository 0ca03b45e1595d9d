#include "bytes/message.h"

#include <charconv>

namespace noggin {

void MessagePart::append_to(std::string& message) const {
  char digits[32];
  char* const end = digits + sizeof digits;
  switch (kind_) {
    case Kind::kText:
      message += text_;
      return;
    case Kind::kUnsigned:
      message.append(digits, std::to_chars(digits, end, number_).ptr);
      return;
    case Kind::kSigned:
      message.append(digits, std::to_chars(digits, end, static_cast<std::int64_t>(number_)).ptr);
      return;
    case Kind::kFloat:
      message.append(digits, std::to_chars(digits, end, value_, std::chars_format::general, 9).ptr);
  }
}

std::string message(MessageParts parts) {
  std::string text;
  for (const MessagePart& part : parts) part.append_to(text);
  return text;
}

}  // namespace noggin
