#include "data/lines/json_scanner.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace noggin::data {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::uint64_t kLevelsKnown = 64;

// Bit i: byte i of a block is one of these.
struct BlockMasks {
  std::uint64_t quote = 0, backslash = 0, open = 0, close = 0, newline = 0;
};

#if defined(__SSE2__)
using Bytes = signed char __attribute__((vector_size(16)));
using Chars = char __attribute__((vector_size(16)));

std::uint64_t bits_of(Bytes matches) {
  return static_cast<std::uint32_t>(__builtin_ia32_pmovmskb128(reinterpret_cast<Chars>(matches)));
}

BlockMasks classify(const char* block) {
  BlockMasks masks;
  for (unsigned part = 0; part < kBlock / 16; ++part) {
    Bytes bytes;
    std::memcpy(&bytes, block + part * 16, 16);
    const Bytes folded = bytes | 0x20;  // [ to {, ] to }
    masks.quote |= bits_of(bytes == '"') << (part * 16);
    masks.backslash |= bits_of(bytes == '\\') << (part * 16);
    masks.newline |= bits_of(bytes == '\n') << (part * 16);
    masks.open |= bits_of(folded == '{') << (part * 16);
    masks.close |= bits_of(folded == '}') << (part * 16);
  }
  return masks;
}
#else
BlockMasks classify(const char* block) {
  BlockMasks masks;
  for (unsigned i = 0; i < kBlock; ++i) {
    const char c = block[i], folded = static_cast<char>(c | 0x20);
    masks.quote |= std::uint64_t{c == '"'} << i;
    masks.backslash |= std::uint64_t{c == '\\'} << i;
    masks.newline |= std::uint64_t{c == '\n'} << i;
    masks.open |= std::uint64_t{folded == '{'} << i;
    masks.close |= std::uint64_t{folded == '}'} << i;
  }
  return masks;
}
#endif

// Bit i is the parity of bits 0 to i.
std::uint64_t prefix_parity(std::uint64_t bits) {
  for (const unsigned shift : {1U, 2U, 4U, 8U, 16U, 32U}) bits ^= bits << shift;
  return bits;
}

// Bytes that follow an odd number of backslashes. escaped: whether byte 0 does.
std::uint64_t escaped_bytes(std::uint64_t backslashes, bool escaped) {
  if (backslashes == 0) return escaped ? 1 : 0;
  constexpr std::uint64_t kEven = 0x5555555555555555U;
  backslashes &= ~std::uint64_t{escaped};
  const std::uint64_t follows = backslashes << 1U | std::uint64_t{escaped};
  const std::uint64_t odd_starts = backslashes & ~kEven & ~follows;
  const std::uint64_t even_runs = odd_starts + backslashes;
  return (kEven ^ (even_runs << 1U)) & follows;
}

}  // namespace

void JsonScanner::begin(bool pretty) {
  *this = JsonScanner();
  pretty_ = pretty;
}

JsonScanner::Found JsonScanner::scan(std::string_view text, std::size_t from) {
  for (std::size_t start = from; start < text.size(); start += kBlock) {
    const std::size_t count = std::min(kBlock, text.size() - start);
    const std::uint64_t valid = count == kBlock ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    const BlockMasks masks = classify(text.data() + start);
    const std::uint64_t backslashes = masks.backslash & valid;
    const std::uint64_t escaped = escaped_bytes(backslashes, escaped_);
    const std::uint64_t strings = prefix_parity(masks.quote & ~escaped & valid) ^ in_string_;
    const std::uint64_t last = std::uint64_t{1} << (count - 1);
    escaped_ = (backslashes & last) != 0 && (escaped & last) == 0;
    in_string_ = (strings & last) != 0 ? ~std::uint64_t{0} : 0;
    const std::uint64_t brackets = (masks.open | masks.close) & ~strings & valid;
    const std::uint64_t line_ends = pretty_ ? masks.newline & strings & valid : 0;
    for (std::uint64_t rest = brackets | line_ends; rest != 0; rest &= rest - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(rest));
      const std::size_t at = start + bit;
      if ((line_ends >> bit & 1U) != 0) return {Stop::kBroken, at};
      const bool is_array = text[at] == '[' || text[at] == ']';
      if ((masks.open >> bit & 1U) != 0) {
        if (pretty_ && !may_open(text, at)) return {Stop::kBroken, at};
        deepest_ = std::max(deepest_, ++depth_);
        arrays_ = arrays_ << 1U | std::uint64_t{is_array};
      } else {
        if (deepest_ <= kLevelsKnown && is_array != ((arrays_ & 1U) != 0)) return {Stop::kBroken, at};
        arrays_ >>= 1U;
        if (--depth_ == 0) return {Stop::kClosed, at + 1};
      }
    }
  }
  return {Stop::kMore, text.size()};
}

// A bracket that begins a line either is a value of this document, so something announces it, or begins the next
// document after one that was cut.
bool JsonScanner::may_open(std::string_view text, std::size_t at) const {
  if (depth_ == 0 || deepest_ > kLevelsKnown || at == 0 || text[at - 1] != '\n') return true;
  const std::size_t before = text.find_last_not_of(" \t\r\n", at - 1);
  if (before == std::string_view::npos) return true;
  return text[before] == ':' || ((arrays_ & 1U) != 0 && (text[before] == ',' || text[before] == '['));
}

}  // namespace noggin::data
