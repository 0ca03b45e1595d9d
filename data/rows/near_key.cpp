#include "data/rows/near_key.h"

#include <array>
#include <cstddef>
#include <string>

#include "data/rows/content_key.h"

namespace noggin::data {
namespace {

// What a byte is taken for; 0: nothing.
constexpr std::array<char, 256> kNearBytes = [] {
  std::array<char, 256> bytes{};
  for (std::size_t c = 0; c < bytes.size(); ++c) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool kept = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
    bytes[c] = static_cast<char>(!kept ? 0 : upper ? c - 'A' + 'a' : c);
  }
  return bytes;
}();

}  // namespace

std::uint64_t near_key(std::string_view text) {
  std::string kept(text.size(), '\0');
  std::size_t size = 0;
  for (const char c : text) {
    kept[size] = kNearBytes[static_cast<unsigned char>(c)];
    size += kept[size] != 0 ? 1 : 0;
  }
  return size == 0 ? 0 : content_key(std::string_view(kept).substr(0, size));
}

}  // namespace noggin::data
