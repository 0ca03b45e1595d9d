#include "data/rows/near_key.h"

#include <string>

#include "data/rows/content_key.h"

namespace noggin::data {

std::uint64_t near_key(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80)
      kept += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return kept.empty() ? 0 : content_key(kept);
}

}  // namespace noggin::data
