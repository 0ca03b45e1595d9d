#include "checks/find.h"

#include "checks/characters.h"
#include "checks/kinds.h"

namespace noggin::checks {
namespace {

std::size_t end_of(spec::CheckKind kind, std::string_view text, std::size_t position) {
  switch (kind) {
    case spec::CheckKind::kCard:
      return card_end(text, position);
    case spec::CheckKind::kIban:
      return iban_end(text, position);
    case spec::CheckKind::kEmail:
      return email_end(text, position);
    case spec::CheckKind::kIp:
      return ip_end(text, position);
    case spec::CheckKind::kUsSsn:
      return us_ssn_end(text, position);
    case spec::CheckKind::kUrl:
      return url_end(text, position);
  }
  return position;
}

}  // namespace

bool find_next(std::span<const spec::Check> checks, std::string_view text, std::size_t from, TaggedSpan& span) {
  if (checks.empty()) return false;
  for (std::size_t position = from; position < text.size(); ++position) {
    const char c = text[position];
    // Nothing starts with any other character, nor inside a word.
    if ((!is_ascii_word(c) && c != ':') || is_ascii_word(before(text, position))) continue;
    std::size_t end = position;
    for (const spec::Check& check : checks) {
      const std::size_t found = end_of(check.kind, text, position);
      if (found <= end) continue;
      end = found;
      span.type = check.type;
    }
    if (end == position) continue;
    span.place = {position, end};
    span.probability = 1.0F;
    return true;
  }
  return false;
}

}  // namespace noggin::checks
