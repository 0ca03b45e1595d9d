#include "checks/domain.h"

#include "checks/characters.h"

namespace noggin::checks {
namespace {

constexpr std::size_t kLongestLabel = 63, kLongestDomain = 253;

// The end of a label, which is `position` if none starts there.
std::size_t label_end(std::string_view text, std::size_t position) {
  std::size_t end = position;
  for (std::size_t next = position; next - position <= kLongestLabel; ++next) {
    const char c = at(text, next);
    if (is_alphanumeric(c))
      end = next + 1;
    else if (c != '-' || next == position)
      break;
  }
  return end;
}

bool may_be_last(std::string_view label) {
  if (label.size() > 4 && lower(label[0]) == 'x' && lower(label[1]) == 'n' && label.substr(2, 2) == "--") return true;
  for (const char c : label)
    if (!is_letter(c)) return false;
  return label.size() > 1;
}

}  // namespace

std::size_t domain_end(std::string_view text, std::size_t position) {
  std::size_t end = position;
  for (std::size_t next = position; next - position <= kLongestDomain;) {
    const std::size_t stop = label_end(text, next);
    if (stop == next) break;
    if (word_at(text, stop) || stop - next > kLongestLabel || stop - position > kLongestDomain) return position;
    if (next > position && may_be_last(text.substr(next, stop - next))) end = stop;
    if (at(text, stop) != '.') break;
    next = stop + 1;
  }
  return end;
}

}  // namespace noggin::checks
