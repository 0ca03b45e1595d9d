#include <cstdint>

#include "checks/characters.h"
#include "checks/kinds.h"

namespace noggin::checks {
namespace {

constexpr std::size_t kLongest = 34;

// Country and length: the registry of ISO 13616.
struct Country {
  char code[2];
  std::uint8_t length;
};
constexpr Country kCountries[] = {
    {{'A', 'D'}, 24}, {{'A', 'E'}, 23}, {{'A', 'L'}, 28}, {{'A', 'T'}, 20}, {{'A', 'Z'}, 28}, {{'B', 'A'}, 20},
    {{'B', 'E'}, 16}, {{'B', 'G'}, 22}, {{'B', 'H'}, 22}, {{'B', 'I'}, 27}, {{'B', 'R'}, 29}, {{'B', 'Y'}, 28},
    {{'C', 'H'}, 21}, {{'C', 'R'}, 22}, {{'C', 'Y'}, 28}, {{'C', 'Z'}, 24}, {{'D', 'E'}, 22}, {{'D', 'J'}, 27},
    {{'D', 'K'}, 18}, {{'D', 'O'}, 28}, {{'E', 'E'}, 20}, {{'E', 'G'}, 29}, {{'E', 'S'}, 24}, {{'F', 'I'}, 18},
    {{'F', 'K'}, 18}, {{'F', 'O'}, 18}, {{'F', 'R'}, 27}, {{'G', 'B'}, 22}, {{'G', 'E'}, 22}, {{'G', 'I'}, 23},
    {{'G', 'L'}, 18}, {{'G', 'R'}, 27}, {{'G', 'T'}, 28}, {{'H', 'N'}, 28}, {{'H', 'R'}, 21}, {{'H', 'U'}, 28},
    {{'I', 'E'}, 22}, {{'I', 'L'}, 23}, {{'I', 'Q'}, 23}, {{'I', 'S'}, 26}, {{'I', 'T'}, 27}, {{'J', 'O'}, 30},
    {{'K', 'W'}, 30}, {{'K', 'Z'}, 20}, {{'L', 'B'}, 28}, {{'L', 'C'}, 32}, {{'L', 'I'}, 21}, {{'L', 'T'}, 20},
    {{'L', 'U'}, 20}, {{'L', 'V'}, 21}, {{'L', 'Y'}, 25}, {{'M', 'C'}, 27}, {{'M', 'D'}, 24}, {{'M', 'E'}, 22},
    {{'M', 'K'}, 19}, {{'M', 'N'}, 20}, {{'M', 'R'}, 27}, {{'M', 'T'}, 31}, {{'M', 'U'}, 30}, {{'N', 'I'}, 28},
    {{'N', 'L'}, 18}, {{'N', 'O'}, 15}, {{'O', 'M'}, 23}, {{'P', 'K'}, 24}, {{'P', 'L'}, 28}, {{'P', 'S'}, 29},
    {{'P', 'T'}, 25}, {{'Q', 'A'}, 29}, {{'R', 'O'}, 24}, {{'R', 'S'}, 22}, {{'R', 'U'}, 33}, {{'S', 'A'}, 24},
    {{'S', 'C'}, 31}, {{'S', 'D'}, 18}, {{'S', 'E'}, 24}, {{'S', 'I'}, 19}, {{'S', 'K'}, 24}, {{'S', 'M'}, 27},
    {{'S', 'O'}, 23}, {{'S', 'T'}, 25}, {{'S', 'V'}, 28}, {{'T', 'L'}, 23}, {{'T', 'N'}, 24}, {{'T', 'R'}, 26},
    {{'U', 'A'}, 29}, {{'V', 'A'}, 22}, {{'V', 'G'}, 24}, {{'X', 'K'}, 20}, {{'Y', 'E'}, 30},
};

std::size_t length_of(char first, char second) {
  for (const Country& country : kCountries)
    if (lower(country.code[0]) == lower(first) && lower(country.code[1]) == lower(second)) return country.length;
  return 0;
}

// The first four characters count as if they stood last; a letter is a number from 10 to 35.
bool remainder_is_one(const char* characters, std::size_t length) {
  unsigned remainder = 0;
  for (std::size_t i = 0; i < length; ++i) {
    const char c = characters[(i + 4) % length];
    const unsigned value = static_cast<unsigned>(is_digit(c) ? c - '0' : lower(c) - 'a' + 10);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder == 1;
}

}  // namespace

std::size_t iban_end(std::string_view text, std::size_t position) {
  if (!is_letter(text[position]) || word_before(text, position)) return position;
  if (!is_letter(at(text, position + 1)) || !is_digit(at(text, position + 2)) || !is_digit(at(text, position + 3)))
    return position;
  const std::size_t length = length_of(text[position], text[position + 1]);
  const int check = (text[position + 2] - '0') * 10 + text[position + 3] - '0';
  if (length == 0 || check < 2 || check > 98) return position;
  char characters[kLongest];
  const bool spaced = at(text, position + 4) == ' ';
  std::size_t next = position;
  for (std::size_t i = 0; i < length; ++i) {
    if (spaced && i > 0 && i % 4 == 0 && at(text, next++) != ' ') return position;
    characters[i] = at(text, next++);
    if (!is_alphanumeric(characters[i])) return position;
  }
  return remainder_is_one(characters, length) && !word_at(text, next) ? next : position;
}

}  // namespace noggin::checks
