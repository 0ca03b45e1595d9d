#include "checks/characters.h"
#include "checks/domain.h"
#include "checks/kinds.h"

namespace noggin::checks {
namespace {

constexpr std::size_t kLongestName = 64;

// Inside a name, between two letters or digits.
bool joins(char c) { return c == '.' || c == '+' || c == '-' || c == '%' || c == '\''; }

// A name goes on from here to the left: a sign that joins belongs to it only where something stands before the sign.
bool inside_name(std::string_view text, std::size_t position) {
  return word_before(text, position) || (joins(before(text, position)) && word_before(text, position - 1));
}

}  // namespace

std::size_t email_end(std::string_view text, std::size_t position) {
  if (!(is_alphanumeric(text[position]) || text[position] == '_')) return position;
  if (before(text, position) == '@' || inside_name(text, position)) return position;
  std::size_t next = position;
  for (; next - position <= kLongestName; ++next) {
    const char c = at(text, next);
    if (c == '.' && before(text, next) == '.') return position;
    if (!is_alphanumeric(c) && c != '_' && !joins(c)) break;
  }
  if (next - position > kLongestName || at(text, next) != '@' || before(text, next) == '.') return position;
  const std::size_t domain = next + 1, end = domain_end(text, domain);
  return end > domain && at(text, end) != '@' ? end : position;
}

}  // namespace noggin::checks
