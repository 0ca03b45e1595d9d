#include <cstdint>

#include "checks/characters.h"
#include "checks/kinds.h"

namespace noggin::checks {
namespace {

constexpr std::size_t kFewestDigits = 13, kMostDigits = 19;

// Bit n: numbers of n digits.
constexpr std::uint32_t lengths(std::size_t shortest, std::size_t longest) {
  return (2U << longest) - (1U << shortest);
}
// The first four digits of a number, and how many digits it may have.
struct Issuer {
  std::uint16_t first, last;
  std::uint32_t lengths;
};
constexpr Issuer kIssuers[] = {
    {1800, 1800, lengths(15, 15)},                                      // JCB
    {2131, 2131, lengths(15, 15)},                                      // JCB
    {2200, 2204, lengths(16, 19)},                                      // Mir
    {2221, 2720, lengths(16, 16)},                                      // Mastercard
    {3000, 3059, lengths(14, 19)},                                      // Diners Club
    {3400, 3499, lengths(15, 15)},                                      // American Express
    {3528, 3589, lengths(16, 19)},                                      // JCB
    {3600, 3699, lengths(14, 19)},                                      // Diners Club
    {3700, 3799, lengths(15, 15)},                                      // American Express
    {3800, 3999, lengths(14, 19)},                                      // Diners Club
    {4000, 4999, lengths(13, 13) | lengths(16, 16) | lengths(19, 19)},  // Visa
    {5000, 5099, lengths(13, 19)},                                      // Maestro
    {5100, 5599, lengths(16, 16)},                                      // Mastercard
    {5600, 5899, lengths(13, 19)},                                      // Maestro
    {6000, 6010, lengths(13, 19)},                                      // Maestro
    {6011, 6011, lengths(16, 19)},                                      // Discover
    {6012, 6199, lengths(13, 19)},                                      // Maestro
    {6200, 6299, lengths(16, 19)},                                      // UnionPay
    {6300, 6439, lengths(13, 19)},                                      // Maestro
    {6440, 6599, lengths(16, 19)},                                      // Discover, RuPay
    {6600, 6999, lengths(13, 19)},                                      // Maestro
    {8100, 8199, lengths(16, 19)},                                      // RuPay, UnionPay
    {9792, 9792, lengths(16, 16)},                                      // Troy
};

// Digits of a number as they are read.
struct Number {
  std::uint8_t digits[kMostDigits];
  std::size_t count = 0;

  // Every second digit from the right, but not the last, counts double; the digits of all these add up to tens.
  bool passes_luhn() const {
    unsigned sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const unsigned digit = digits[count - 1 - i];
      sum += i % 2 == 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
    }
    return sum % 10 == 0;
  }
  bool is_issued() const {
    const unsigned prefix = digits[0] * 1000U + digits[1] * 100U + digits[2] * 10U + digits[3];
    for (const Issuer& issuer : kIssuers)
      if (prefix >= issuer.first && prefix <= issuer.last) return (issuer.lengths >> count & 1U) != 0;
    return false;
  }
  bool is_card() const { return count >= kFewestDigits && is_issued() && passes_luhn(); }
};

bool may_start(std::string_view text, std::size_t position) {
  if (!is_digit(text[position]) || word_before(text, position)) return false;
  const char previous = before(text, position);
  if (previous == '+') return false;  // a telephone number
  const bool joins = previous == '-' || previous == '.' || previous == ',';
  return !joins || position < 2 || !is_alphanumeric(text[position - 2]);
}

bool may_end(std::string_view text, std::size_t end) {
  if (word_at(text, end)) return false;
  const char next = at(text, end), after = at(text, end + 1);
  return !((next == '-' && is_alphanumeric(after)) || ((next == '.' || next == ',') && is_digit(after)));
}

// " 1234" and then no digit: a number in groups of four goes on.
bool four_digits_follow(std::string_view text, std::size_t end) {
  for (std::size_t i = 1; i <= 4; ++i)
    if (!is_digit(at(text, end + i))) return false;
  return at(text, end) == ' ' && !is_digit(at(text, end + 5));
}

}  // namespace

std::size_t card_end(std::string_view text, std::size_t position) {
  if (!may_start(text, position)) return position;
  const bool spaced_number_before = before(text, position) == ' ' && position > 1 && is_digit(text[position - 2]);
  Number number;
  std::size_t end = position, next = position;
  bool all_fours = true;
  for (char separator = '\0';;) {
    const std::size_t group = next;
    for (; is_digit(at(text, next)); ++next) {
      if (number.count == kMostDigits) return end;
      number.digits[number.count++] = static_cast<std::uint8_t>(text[next] - '0');
    }
    const std::size_t size = next - group;
    const bool first = group == position;
    if (!first && (size < 3 || size > 6)) return end;
    all_fours = all_fours && size == 4;
    const bool in_longer = !first && (spaced_number_before || (all_fours && four_digits_follow(text, next)));
    if (!in_longer && number.is_card() && may_end(text, next)) end = next;
    if (first) {
      if (size != 4) return end;
      separator = at(text, next);
    }
    if ((separator != ' ' && separator != '-') || at(text, next) != separator) return end;
    ++next;
  }
}

}  // namespace noggin::checks
