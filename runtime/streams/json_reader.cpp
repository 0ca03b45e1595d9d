#include "streams/json_reader.h"

#include <cstdint>

#include "bytes/json_depth.h"

namespace noggin {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

void append_utf8(std::uint32_t code, std::string& out) {
  const auto byte = [&out](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Recursive descent. fault_ keeps the first fault; every function returns false from then on.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<JsonValue> document() {
    JsonValue value;
    if (parse_value(value, 0)) {
      skip_space();
      if (at_ != text_.size()) fail("unexpected text after the JSON value");
    }
    if (!fault_.empty()) return Error{ErrorCode::kBadData, fault_};
    return value;
  }

 private:
  bool fail(const char* what) {
    if (fault_.empty()) fault_ = "column " + std::to_string(at_ + 1) + ": " + what;
    return false;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  bool parse_value(JsonValue& value, int depth) {
    if (depth > kDeepestJson) return fail("nested more than 64 levels deep");
    skip_space();
    switch (peek()) {
      case '{':
        return parse_object(value, depth);
      case '[':
        return parse_array(value, depth);
      case '"':
        value.kind = JsonValue::Kind::kString;
        return parse_string(value.text);
      case 't':
        value.kind = JsonValue::Kind::kTrue;
        return parse_word("true");
      case 'f':
        value.kind = JsonValue::Kind::kFalse;
        return parse_word("false");
      case 'n':
        value.kind = JsonValue::Kind::kNull;
        return parse_word("null");
      default:
        value.kind = JsonValue::Kind::kNumber;
        return parse_number(value.text);
    }
  }

  bool parse_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail("expected a JSON value");
    at_ += word.size();
    return true;
  }

  bool parse_digits() {
    if (!is_digit(peek())) return fail("expected a JSON value");
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool parse_number(std::string& out) {
    const std::size_t start = at_;
    accept('-');
    if (!accept('0') && !parse_digits()) return false;
    if (accept('.') && !parse_digits()) return false;
    if (accept('e') || accept('E')) {
      if (!accept('+')) accept('-');
      if (!parse_digits()) return false;
    }
    out = text_.substr(start, at_ - start);
    return true;
  }

  bool parse_array(JsonValue& value, int depth) {
    value.kind = JsonValue::Kind::kArray;
    ++at_;
    skip_space();
    if (accept(']')) return true;
    do {
      if (!parse_value(value.items.emplace_back(), depth + 1)) return false;
      skip_space();
    } while (accept(','));
    return accept(']') || fail("expected ',' or ']'");
  }

  bool parse_object(JsonValue& value, int depth) {
    value.kind = JsonValue::Kind::kObject;
    ++at_;
    skip_space();
    if (accept('}')) return true;
    do {
      auto& [name, member] = value.members.emplace_back();
      skip_space();
      if (peek() != '"') return fail("expected a key in double quotes");
      if (!parse_string(name)) return false;
      skip_space();
      if (!accept(':')) return fail("expected ':'");
      if (!parse_value(member, depth + 1)) return false;
      skip_space();
    } while (accept(','));
    return accept('}') || fail("expected ',' or '}'");
  }

  bool parse_string(std::string& out) {
    ++at_;  // the opening quote
    while (true) {
      if (at_ >= text_.size()) return fail("the string does not end on this line");
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string must be escaped");
      ++at_;
      if (c == '"') return true;
      if (c != '\\') {
        out.push_back(c);
      } else if (!parse_escape(out)) {
        return false;
      }
    }
  }

  bool parse_escape(std::string& out) {
    const std::size_t which = std::string_view("\"\\/bfnrtu").find(at_ < text_.size() ? text_[at_] : ' ');
    if (which == std::string_view::npos)
      return fail("unknown escape; known are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    ++at_;
    if (which < 8) {
      out.push_back("\"\\/\b\f\n\r\t"[which]);
      return true;
    }
    return parse_code_point(out);
  }

  // After "\u": one code unit, or two that form a surrogate pair.
  bool parse_code_point(std::string& out) {
    std::uint32_t code = 0;
    if (!parse_hex(code)) return false;
    const bool high = code >= 0xD800 && code < 0xDC00;
    const std::size_t after_first = at_;
    if (high && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      std::uint32_t low = 0;
      if (!parse_hex(low)) return false;
      if (low >= 0xDC00 && low < 0xE000) {
        append_utf8(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), out);
        return true;
      }
      at_ = after_first;  // the second one stands for itself
    }
    append_utf8(code >= 0xD800 && code < 0xE000 ? kReplacement : code, out);
    return true;
  }

  bool parse_hex(std::uint32_t& code) {
    for (int i = 0; i < 4; ++i) {
      const char c = peek();
      const char lower = static_cast<char>(c | 0x20);
      if (!is_digit(c) && !(lower >= 'a' && lower <= 'f')) return fail("expected four hexadecimal digits after \\u");
      code = code * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : lower - 'a' + 10);
      ++at_;
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string fault_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->first == name) return &member->second;
  }
  return nullptr;
}

Result<JsonValue> parse_json(std::string_view text) { return Parser(text).document(); }

}  // namespace noggin
