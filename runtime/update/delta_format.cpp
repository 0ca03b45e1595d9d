#include "update/delta_format.h"

#include <algorithm>

#include "bytes/little_endian.h"

namespace noggin::update {
namespace {

std::byte nibbles(std::byte a, std::byte b, bool add) {
  const auto x = static_cast<unsigned>(a), y = static_cast<unsigned>(b);
  const unsigned low = add ? x + y : x - y, high = add ? (x >> 4) + (y >> 4) : (x >> 4) - (y >> 4);
  return static_cast<std::byte>((low & 0xF) | ((high & 0xF) << 4));
}

std::byte bytes(std::byte a, std::byte b, bool add) {
  const auto x = static_cast<unsigned>(a), y = static_cast<unsigned>(b);
  return static_cast<std::byte>(add ? x + y : x - y);
}

// A small difference of either sign as a small number (Google's Protocol Buffers call it zigzag).
std::uint32_t zigzag(std::uint32_t difference) { return (difference << 1) ^ (0U - (difference >> 31)); }
std::uint32_t signed_again(std::uint32_t coded) { return (coded >> 1) ^ (0U - (coded & 1)); }

void add_words(std::span<const std::byte> old, std::span<std::byte> data, std::span<std::byte> scratch) {
  const std::size_t count = data.size() / 4;
  std::copy(data.begin(), data.end(), scratch.begin());
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t coded = 0;
    for (std::size_t plane = 4; plane-- > 0;)
      coded = (coded << 8) | static_cast<std::uint32_t>(scratch[plane * count + i]);
    store_u32(&data[4 * i], load_u32(&old[4 * i]) + signed_again(coded));
  }
}

void subtract_words(std::span<const std::byte> old, std::span<std::byte> data, std::span<std::byte> scratch) {
  const std::size_t count = data.size() / 4;
  std::copy(data.begin(), data.end(), scratch.begin());
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t coded = zigzag(load_u32(&scratch[4 * i]) - load_u32(&old[4 * i]));
    for (std::size_t plane = 0; plane < 4; ++plane, coded >>= 8)
      data[plane * count + i] = static_cast<std::byte>(coded & 0xFF);
  }
}

void each_byte(SegmentKind kind, std::span<const std::byte> old, std::span<std::byte> data, bool add) {
  const auto combined = kind == SegmentKind::kBytes ? bytes : nibbles;
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = combined(data[i], old[i], add);
}

}  // namespace

void add_old(SegmentKind kind, std::span<const std::byte> old, std::span<std::byte> data,
             std::span<std::byte> scratch) {
  if (kind == SegmentKind::kWords) return add_words(old, data, scratch);
  if (kind != SegmentKind::kLiteral) each_byte(kind, old, data, true);
}

void subtract_old(SegmentKind kind, std::span<const std::byte> old, std::span<std::byte> data,
                  std::span<std::byte> scratch) {
  if (kind == SegmentKind::kWords) return subtract_words(old, data, scratch);
  if (kind != SegmentKind::kLiteral) each_byte(kind, old, data, false);
}

}  // namespace noggin::update
