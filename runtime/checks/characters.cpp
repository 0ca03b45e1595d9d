#include "checks/characters.h"

#include <cstdint>

#include "bytes/utf8.h"

namespace noggin::checks {
namespace {

// Blocks of scripts with words between spaces, beyond ASCII; all below U+10000.
struct Block {
  std::uint16_t first, last;
};
constexpr Block kWordBlocks[] = {
    {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0xDFF},  // Latin to Sinhala
    {0x10A0, 0x177F}, {0x1800, 0x1FFF},                 // Georgian to Philippine; Mongolian to Greek Extended
    {0x2C00, 0x2DFF}, {0xA4D0, 0xABFF}, {0xFB00, 0xFDFF}, {0xFE70, 0xFEFC},
    {0xFF10, 0xFF19}, {0xFF21, 0xFF3A}, {0xFF41, 0xFF5A},  // wide digits and letters
};

bool is_word(std::uint32_t code_point) {
  for (const Block& block : kWordBlocks)
    if (code_point >= block.first && code_point <= block.last) return true;
  return false;
}

}  // namespace

bool other_word_at(std::string_view text, std::size_t position) { return is_word(decode_utf8(text, position)); }

bool other_word_before(std::string_view text, std::size_t position) {
  std::size_t start = position - 1;  // of the character: behind its first byte lie at most three others
  for (int i = 0; i < 3 && start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U; ++i) --start;
  std::size_t end = start;
  const std::uint32_t code_point = decode_utf8(text, end);
  return end == position && is_word(code_point);
}

}  // namespace noggin::checks
