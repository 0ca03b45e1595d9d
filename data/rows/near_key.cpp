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
  constexpr std::size_t kOnStack = 1024;
  std::array<char, kOnStack> few;
  std::string many;
  if (text.size() > few.size()) many.resize(text.size());
  char* const kept = many.empty() ? few.data() : many.data();
  char* end = kept;
  for (const char c : text) {
    const char near = kNearBytes[static_cast<unsigned char>(c)];
    *end = near;  // the next one takes its place if it is nothing
    end += near != 0 ? 1 : 0;
  }
  return end == kept ? 0 : content_key({kept, static_cast<std::size_t>(end - kept)});
}

}  // namespace noggin::data
