#include "data/json/json_repair.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace noggin::data {
namespace {

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

template <typename Number>
std::errc read_as(std::string_view word) {
  Number number{};
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), number);
  return code == std::errc() && end != word.data() + word.size() ? std::errc::invalid_argument : code;
}

// A word that means a number, and that a JSON parser refuses.
bool must_be_quoted(std::string_view word) {
  const std::string_view magnitude = word.substr(word.starts_with('-') ? 1 : 0);
  if (magnitude == "NaN" || magnitude == "Infinity") return true;
  if (magnitude.empty() || magnitude.front() < '0' || magnitude.front() > '9') return false;
  if (magnitude.find_first_of(".eE") != std::string_view::npos)
    return read_as<double>(word) == std::errc::result_out_of_range;
  return read_as<std::int64_t>(word) == std::errc::result_out_of_range &&
         (word.starts_with('-') || read_as<std::uint64_t>(word) == std::errc::result_out_of_range);
}

// The UTF-16 unit of an escape "\uXXXX" at `place`, or -1.
std::int32_t escaped_unit(std::string_view text, std::size_t place) {
  if (place + 6 > text.size() || text[place] != '\\' || text[place + 1] != 'u') return -1;
  std::int32_t unit = 0;
  const char* first = text.data() + place + 2;
  const auto [end, code] = std::from_chars(first, first + 4, unit, 16);
  return code == std::errc() && end == first + 4 ? unit : -1;
}

bool is_high(std::int32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(std::int32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

class Repair {
 public:
  Repair(std::string_view text, std::string& mended) : text_(text), mended_(mended) {}

  bool run() {
    while (place_ < text_.size()) {
      if (text_[place_] == '"')
        copy_string();
      else if (is_word(text_[place_]))
        copy_word();
      else
        mended_ += text_[place_++];
    }
    return changed_;
  }

 private:
  void copy(std::size_t count) {
    mended_.append(text_.substr(place_, count));
    place_ += count;
  }

  void copy_word() {
    std::size_t end = place_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    const bool quoted = must_be_quoted(text_.substr(place_, end - place_));
    if (quoted) mended_ += '"';
    copy(end - place_);
    if (quoted) mended_ += '"';
    changed_ = changed_ || quoted;
  }

  void copy_string() {
    copy(1);
    while (place_ < text_.size()) {
      const std::size_t plain = text_.find_first_of("\"\\", place_);
      copy((plain == std::string_view::npos ? text_.size() : plain) - place_);
      if (place_ == text_.size()) return;
      if (text_[place_] == '"') return copy(1);
      const std::int32_t unit = escaped_unit(text_, place_);
      if (is_high(unit) && is_low(escaped_unit(text_, place_ + 6))) {
        copy(12);
      } else if (is_high(unit) || is_low(unit)) {
        mended_ += "\\ufffd";
        place_ += 6;
        changed_ = true;
      } else {
        copy(2);
      }
    }
  }

  std::string_view text_;
  std::string& mended_;
  std::size_t place_ = 0;
  bool changed_ = false;
};

}  // namespace

bool repair_json(std::string_view text, std::string& mended) {
  mended.clear();
  return Repair(text, mended).run();
}

}  // namespace noggin::data
