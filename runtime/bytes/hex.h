// How hashes are written in reports, certificates and checkpoints.
#pragma once

#include <cstdint>
#include <string>

namespace noggin {

// 16 lower-case hexadecimal digits.
inline std::string hex(std::uint64_t value) {
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 0xF];
  return text;
}

}  // namespace noggin
