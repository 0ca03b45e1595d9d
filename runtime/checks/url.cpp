#include "checks/characters.h"
#include "checks/domain.h"
#include "checks/kinds.h"

namespace noggin::checks {
namespace {

// The position behind "http://" or "https://", in any case; `position` if neither stands there.
std::size_t scheme_end(std::string_view text, std::size_t position) {
  constexpr std::string_view kScheme = "http";
  for (std::size_t i = 0; i < kScheme.size(); ++i)
    if (lower(at(text, position + i)) != kScheme[i]) return position;
  std::size_t next = position + kScheme.size();
  if (lower(at(text, next)) == 's') ++next;
  return next <= text.size() && text.substr(next, 3) == "://" ? next + 3 : position;
}

bool in_path(char c) {
  constexpr std::string_view kNot = "\"<>\\^`{|}";
  return c > ' ' && c < 0x7F && kNot.find(c) == std::string_view::npos;
}

bool is_punctuation(char c) { return std::string_view(".,;:!?'*").find(c) != std::string_view::npos; }

// Without the punctuation of the sentence around it; a closing bracket belongs to it where its partner does.
std::size_t without_punctuation(std::string_view text, std::size_t start, std::size_t end) {
  std::size_t open[2] = {0, 0}, closed[2] = {0, 0};  // round, square
  const auto count = [](char c, auto& opening, auto& closing) -> std::size_t* {
    if (c == '(' || c == '[') return &opening[c == '[' ? 1 : 0];
    return c == ')' || c == ']' ? &closing[c == ']' ? 1 : 0] : nullptr;
  };
  for (std::size_t i = start; i < end; ++i)
    if (std::size_t* const bracket = count(text[i], open, closed)) ++*bracket;
  for (; end > start; --end) {
    const char last = text[end - 1];
    if (std::size_t* const bracket = count(last, open, closed)) {
      const std::size_t which = last == ']' ? 1 : 0;
      if ((last == ')' || last == ']') && closed[which] <= open[which]) break;
      --*bracket;
    } else if (!is_punctuation(last)) {
      break;
    }
  }
  return end;
}

}  // namespace

std::size_t url_end(std::string_view text, std::size_t position) {
  if (lower(text[position]) != 'h' || word_before(text, position)) return position;
  const std::size_t host = scheme_end(text, position);
  if (host == position) return position;
  std::size_t end = domain_end(text, host);
  if (end == host) end = ipv4_end(text, host);
  if (end == host || at(text, end) == '@') return position;
  std::size_t next = end;
  if (at(text, next) == ':')
    while (is_digit(at(text, next + 1))) ++next;
  if (next > end) end = ++next;
  const char first = at(text, next);
  if (first != '/' && first != '?' && first != '#') return end;
  while (next < text.size() && in_path(text[next])) ++next;
  return without_punctuation(text, end, next);
}

}  // namespace noggin::checks
