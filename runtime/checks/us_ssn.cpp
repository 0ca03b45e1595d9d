#include "checks/characters.h"
#include "checks/kinds.h"

namespace noggin::checks {
namespace {

constexpr std::string_view kForm = "ddd-dd-dddd";

bool has_form(std::string_view text) {
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == 'd' ? !is_digit(text[i]) : text[i] != '-') return false;
  return true;
}

}  // namespace

std::size_t us_ssn_end(std::string_view text, std::size_t position) {
  if (!is_digit(text[position]) || word_before(text, position)) return position;
  const std::string_view number = text.substr(position, kForm.size()), area = number.substr(0, 3);
  if (!has_form(number) || area == "000" || area == "666" || area[0] == '9') return position;
  if (number.substr(4, 2) == "00" || number.substr(7) == "0000") return position;
  const char previous = before(text, position);
  const std::size_t end = position + kForm.size();
  if (previous == '+' || ((previous == '-' || previous == '.') && word_before(text, position - 1))) return position;
  const char next = at(text, end);
  return word_at(text, end) || ((next == '-' || next == '.') && is_digit(at(text, end + 1))) ? position : end;
}

}  // namespace noggin::checks
