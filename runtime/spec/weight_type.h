// The types of stored weights: their range, and how a row of them is packed into bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "spec/device.h"

namespace noggin::spec {

enum class WeightType : std::uint32_t {
  kInt8 = 0,  // -127..127: without -128, so that a sign trick on 16-bit pairs stays exact
  kInt4 = 1,  // -8..7: no product needs symmetry, and the 16th value lowers the squared error by 8 % (NUMERICS.md)
};

struct WeightRange {
  float low, high;
};
constexpr WeightRange range_of(WeightType type) {
  return type == WeightType::kInt4 ? WeightRange{-8.0F, 7.0F} : WeightRange{-127.0F, 127.0F};
}

// A row of int4 is two values a byte, the first of them in the low four bits, as two's complement. If their number is
// odd, the last high bits are zero.
constexpr std::size_t packed_bytes(WeightType type, std::size_t count) {
  return type == WeightType::kInt4 ? (count + 1) / 2 : count;
}

constexpr std::int8_t int4_at(const std::int8_t* packed, std::size_t i) {
  const unsigned bits = (static_cast<std::uint8_t>(packed[i / 2]) >> (i % 2 * 4)) & 0xFU;
  return static_cast<std::int8_t>(static_cast<int>(bits ^ 8U) - 8);
}

constexpr void pack_int4(const std::int8_t* values, std::size_t count, std::int8_t* packed) {
  for (std::size_t i = 0; i < count; i += 2) {
    const unsigned low = static_cast<std::uint8_t>(values[i]) & 0xFU;
    const unsigned high = i + 1 < count ? static_cast<std::uint8_t>(values[i + 1]) & 0xFU : 0U;
    packed[i / 2] = static_cast<std::int8_t>(low | (high << 4U));
  }
}

constexpr void unpack_int4(const std::int8_t* packed, std::size_t count, std::int8_t* values) {
  for (std::size_t i = 0; i < count; ++i) values[i] = int4_at(packed, i);
}

}  // namespace noggin::spec
