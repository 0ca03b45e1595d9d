#include "checks/characters.h"
#include "checks/domain.h"
#include "checks/kinds.h"

namespace noggin::checks {
namespace {

constexpr std::size_t kGroups = 8;  // of 16 bits

bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

std::size_t hex_end(std::string_view text, std::size_t position) {
  std::size_t end = position;
  while (end - position < 4 && is_hex(at(text, end))) ++end;
  return end;
}

bool has_digit(std::string_view text) {
  for (const char c : text)
    if (is_digit(c)) return true;
  return false;
}

// Groups with colons between, one "::" for any number of zeros, the last two groups perhaps as IPv4.
std::size_t ipv6_end(std::string_view text, std::size_t position) {
  std::size_t next = position, groups = 0;
  bool shortened = false;
  const auto zeros = [&] { return at(text, next) == ':' && at(text, next + 1) == ':'; };
  const auto shorten = [&] {
    next += 2;
    shortened = true;
  };
  if (zeros()) shorten();
  while (groups < kGroups) {
    const std::size_t dotted = groups + 2 <= kGroups ? ipv4_end(text, next) : next;
    if (dotted > next) {
      groups += 2;
      next = dotted;
      break;
    }
    const std::size_t end = hex_end(text, next);
    if (end == next) break;  // behind "::", or nothing starts here
    next = end;
    ++groups;
    if (zeros()) {
      if (shortened) return position;
      shorten();
    } else if (at(text, next) == ':' && groups < kGroups && is_hex(at(text, next + 1))) {
      ++next;
    } else {
      break;
    }
  }
  const bool complete = shortened ? groups > 0 && groups < kGroups : groups == kGroups;
  if (!complete || !has_digit(text.substr(position, next - position)) || word_at(text, next)) return position;
  const char following = at(text, next + 1);
  if (at(text, next) == '.' && is_digit(following)) return position;
  // A colon of the sentence may follow.
  const bool goes_on = at(text, next) == ':' && (text[next - 1] == ':' || following == ':' || word_at(text, next + 1));
  return goes_on ? position : next;
}

}  // namespace

std::size_t ipv4_end(std::string_view text, std::size_t position) {
  std::size_t next = position;
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && at(text, next++) != '.') return position;
    const std::size_t start = next;
    int value = 0;
    for (; next - start < 3 && is_digit(at(text, next)); ++next) value = value * 10 + text[next] - '0';
    if (next == start || value > 255 || (text[start] == '0' && next - start > 1)) return position;
  }
  const bool goes_on = word_at(text, next) || (at(text, next) == '.' && is_digit(at(text, next + 1))) ||
                       (at(text, next) == '-' && is_letter(at(text, next + 1)));
  return goes_on ? position : next;
}

std::size_t ip_end(std::string_view text, std::size_t position) {
  const char c = text[position], previous = before(text, position);
  if ((!is_hex(c) && c != ':') || word_before(text, position)) return position;
  if ((previous == '.' || previous == '-') && word_before(text, position - 1)) {
    if (previous == '.' || !is_digit(before(text, position - 1))) return position;  // behind a digit: a range
  }
  const std::size_t end = is_digit(c) ? ipv4_end(text, position) : position;
  if (end > position) return end;
  if (previous != ':') return ipv6_end(text, position);
  const char earlier = before(text, position - 1);
  return c == ':' || earlier == ':' || is_hex(earlier) ? position : ipv6_end(text, position);
}

}  // namespace noggin::checks
