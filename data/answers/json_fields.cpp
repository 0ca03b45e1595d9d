#include "data/answers/json_fields.h"

#include <charconv>

#include "bytes/utf8.h"

namespace noggin::data {
namespace {

constexpr std::size_t kDeepest = 2;  // levels whose fields are given: the top's, and one below it

bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool ends_bare_word(char c) {
  return c == ',' || c == ':' || c == '}' || c == ']' || c == '{' || c == '[' || c == '\n';
}

// One object or array that is open.
struct OpenValue {
  std::string_view name;  // of the field that it is
  bool is_object;
};

struct JsonScan {
  std::string_view text;
  std::size_t at = 0;
  bool is_string = false;

  void skip_space() {
    while (at < text.size() && is_json_space(text[at])) ++at;
  }
  bool ended() const { return at >= text.size(); }

  // The scalar at `at`, without quotes; `complete` is false if the text ends inside it.
  std::string_view scalar(bool& complete) {
    const char quote = text[at];
    is_string = quote == '"' || quote == '\'';
    const std::size_t begin = is_string ? at + 1 : at;
    if (is_string) {
      for (at = begin; at < text.size() && text[at] != quote; ++at) {
        if (text[at] == '\\') ++at;
      }
      complete = at < text.size();
      at = complete ? at : text.size();
      const std::string_view raw = text.substr(begin, at - begin);
      if (complete) ++at;
      return raw;
    }
    while (at < text.size() && !ends_bare_word(text[at])) ++at;
    complete = at < text.size();
    std::string_view raw = text.substr(begin, at - begin);
    while (!raw.empty() && is_json_space(raw.back())) raw.remove_suffix(1);
    return raw;
  }
};

// Four hexadecimal digits at raw[at], or -1.
long hex_unit(std::string_view raw, std::size_t at) {
  unsigned unit = 0;
  if (at + 4 > raw.size()) return -1;
  const auto [end, error] = std::from_chars(raw.data() + at, raw.data() + at + 4, unit, 16);
  return error == std::errc() && end == raw.data() + at + 4 ? static_cast<long>(unit) : -1;
}

// Appends the character of the \u escape at raw[at] = 'u' and moves `at` to its last digit.
bool undo_unicode_escape(std::string_view raw, std::size_t& at, std::string& out) {
  const long unit = hex_unit(raw, at + 1);
  if (unit < 0) return false;
  auto code_point = static_cast<std::uint32_t>(unit);
  std::size_t last = at + 4;
  if (unit >= 0xD800 && unit < 0xDC00 && raw.substr(last + 1).starts_with("\\u")) {
    if (const long low = hex_unit(raw, last + 3); low >= 0xDC00 && low < 0xE000) {
      code_point =
          0x10000 + ((static_cast<std::uint32_t>(unit) - 0xD800) << 10) + static_cast<std::uint32_t>(low - 0xDC00);
      last += 6;
    }
  }
  char bytes[kMaxUtf8Bytes];
  out.append(bytes, encode_utf8(is_scalar(code_point) ? code_point : kReplacementCharacter, bytes));
  at = last;
  return true;
}

}  // namespace

std::string undo_escapes(std::string_view raw) {
  std::string out;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\' || at + 1 == raw.size()) {
      out.push_back(raw[at]);
      continue;
    }
    const char escape = raw[++at];
    constexpr std::string_view kEscapes = "\"\\/'nrtbf", kCharacters = "\"\\/'\n\r\t\b\f";
    if (const std::size_t which = kEscapes.find(escape); which != std::string_view::npos)
      out.push_back(kCharacters[which]);
    else if (escape != 'u' || !undo_unicode_escape(raw, at, out))
      out.append({'\\', escape});
  }
  return out;
}

std::size_t read_json_fields(std::string_view text, std::vector<JsonField>& fields) {
  if (text.empty() || (text[0] != '{' && text[0] != '[')) return 0;
  const std::size_t before = fields.size();
  const auto no_json = [&] {
    fields.resize(before);
    return std::size_t{0};
  };
  JsonScan scan{text};
  std::vector<OpenValue> open;
  std::string_view name;
  bool seen_name = false;
  while (true) {
    scan.skip_space();
    if (scan.ended()) return seen_name ? text.size() : no_json();  // cut
    const char c = text[scan.at];
    if (c == '}' || c == ']') {
      if (open.empty() || open.back().is_object != (c == '}')) return no_json();
      open.pop_back();
      ++scan.at;
      if (open.empty()) return scan.at;
      continue;
    }
    if (c == ',') {
      ++scan.at;
      continue;
    }
    const bool names_field = !open.empty() && open.back().is_object;
    if (names_field) {
      bool complete = false;
      name = scan.scalar(complete);
      scan.skip_space();
      if (scan.ended()) return seen_name ? text.size() : no_json();
      if (text[scan.at] != ':' || name.empty()) return no_json();
      seen_name = true;
      ++scan.at;
      scan.skip_space();
      if (scan.ended()) return text.size();
    } else {
      name = open.empty() ? std::string_view() : open.back().name;
    }
    if (text[scan.at] == '{' || text[scan.at] == '[') {
      open.push_back({name, text[scan.at++] == '{'});
      continue;
    }
    bool complete = false;
    const std::size_t value_at = scan.at;
    const std::string_view raw = scan.scalar(complete);
    if (scan.at == value_at) return no_json();
    seen_name = seen_name || !open.back().is_object;
    if (!complete && scan.is_string) return text.size();  // cut inside a value: it may go on to anything
    if (open.size() <= kDeepest)
      fields.push_back({open.size() > 1 ? open.back().name : std::string_view(), name, raw,
                        scan.is_string ? undo_escapes(raw) : std::string(raw), scan.is_string});
  }
}

}  // namespace noggin::data
