#include "data/lines/json_outline.h"

#include <algorithm>
#include <vector>

namespace noggin::data {
namespace {

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

// A parser of one token after another that keeps only the open brackets.
class Outliner {
 public:
  explicit Outliner(std::string_view text, std::size_t from) : text_(text), at_(from) {}

  JsonOutline run() {
    skip_white();
    outline_.begin = at_;
    while (at_ < text_.size()) {
      if (!step()) return finish(JsonOutline::Kind::kBroken);
      if (expected_ == Expected::kNothing) return finish(JsonOutline::Kind::kWhole);
      skip_white();
    }
    return finish(JsonOutline::Kind::kCut);
  }

 private:
  enum class Expected { kValue, kValueOrEnd, kKey, kKeyOrEnd, kColon, kCommaOrEnd, kNothing };

  JsonOutline finish(JsonOutline::Kind kind) {
    outline_.kind = kind;
    outline_.end = at_;
    return outline_;
  }
  void skip_white() { at_ = std::min(text_.find_first_not_of(kJsonWhite, at_), text_.size()); }

  bool step() {
    const char c = text_[at_];
    switch (expected_) {
      case Expected::kValueOrEnd:
        if (c == ']') return close(c);
        return value(c);
      case Expected::kValue:
        return value(c);
      case Expected::kKeyOrEnd:
        if (c == '}') return close(c);
        return string(Expected::kColon);
      case Expected::kKey:
        return string(Expected::kColon);
      case Expected::kColon:
        ++at_;
        expected_ = Expected::kValue;
        return c == ':';
      case Expected::kCommaOrEnd:
        if (c != ',') return close(c);
        ++at_;
        expected_ = open_.back() == '[' ? Expected::kValue : Expected::kKey;
        return true;
      case Expected::kNothing:
        break;
    }
    return false;
  }

  bool value(char c) {
    if (c == '"') return string(after_value());
    if (c == '{' || c == '[') {
      open_.push_back(c);
      ++at_;
      expected_ = c == '{' ? Expected::kKeyOrEnd : Expected::kValueOrEnd;
      return true;
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    if (at_ == begin) return false;
    if (at_ < text_.size()) value_ended();
    return true;
  }

  // A string that the text cuts leaves at_ at its end.
  bool string(Expected next) {
    if (text_[at_] != '"') return false;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n' || c == '\r') return false;
      if (c == '\\') {
        ++at_;
      } else if (c == '"') {
        ++at_;
        if (next == Expected::kColon)
          expected_ = next;
        else
          value_ended();
        return true;
      }
    }
    at_ = text_.size();
    return true;
  }

  bool close(char c) {
    if (open_.empty() || c != (open_.back() == '[' ? ']' : '}')) return false;
    open_.pop_back();
    ++at_;
    value_ended();
    return true;
  }

  void value_ended() {
    expected_ = after_value();
    if (open_.size() == 1) ++outline_.elements;
  }
  Expected after_value() const { return open_.empty() ? Expected::kNothing : Expected::kCommaOrEnd; }

  std::string_view text_;
  std::size_t at_;
  Expected expected_ = Expected::kValue;
  std::vector<char> open_;
  JsonOutline outline_;
};

}  // namespace

JsonOutline outline_json(std::string_view text, std::size_t from) { return Outliner(text, from).run(); }

}  // namespace noggin::data
