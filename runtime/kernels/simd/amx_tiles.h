// AMX tiles: eight registers of up to 16 rows of 64 bytes, and exact int8 products between them. One instruction
// multiplies a tile of rows by a tile of panel groups: 16 x 16 outputs over 64 inputs.
//
// The assembly statements declare what the compiler cannot see: they read and write memory, in order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/simd/lanes_avx512.h"

namespace noggin::runtime {
namespace {

inline constexpr std::size_t kTileRows = 16;
inline constexpr std::size_t kTileBytes = 64;  // per row

// What ldtilecfg reads.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};

NOGGIN_LANES void set_tile(TileShapes& shapes, int tile, std::size_t rows, std::size_t row_bytes) {
  shapes.rows[tile] = static_cast<std::uint8_t>(rows);
  shapes.row_bytes[tile] = static_cast<std::uint16_t>(row_bytes);
}

// Tiles keep their shapes while one of these lives. Without one, a context switch need not save their 8 KiB.
class TilesInUse {
 public:
  __attribute__((always_inline)) explicit TilesInUse(const TileShapes& shapes) {
    asm volatile("ldtilecfg %0" : : "m"(shapes) : "memory");
  }
  __attribute__((always_inline)) ~TilesInUse() { asm volatile("tilerelease" : : : "memory"); }
  TilesInUse(const TilesInUse&) = delete;
  TilesInUse& operator=(const TilesInUse&) = delete;
};

template <int kTile>
NOGGIN_LANES void load_tile(const void* first_row, std::size_t stride) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(first_row), "r"(stride), "i"(kTile) : "memory");
}
template <int kTile>
NOGGIN_LANES void store_tile(void* first_row, std::size_t stride) {
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(first_row), "r"(stride), "i"(kTile) : "memory");
}
template <int kTile>
NOGGIN_LANES void clear_tile() {
  asm volatile("tilezero %%tmm%c0" : : "i"(kTile));
}
// sums[m][n] += sum over the row bytes of rows[m] * groups[.][n]: signed times signed.
template <int kSums, int kRows, int kGroups>
NOGGIN_LANES void multiply_tiles() {
  asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSums), "i"(kRows), "i"(kGroups));
}
// The same, rows unsigned.
template <int kSums, int kRows, int kGroups>
NOGGIN_LANES void multiply_unsigned_tiles() {
  asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSums), "i"(kRows), "i"(kGroups));
}

// How `count` rows are divided into tiles of equal height: the last tile starts early and computes some rows again,
// with the same result, so that one shape serves all.
struct RowTiles {
  std::size_t count, tiles, height;
  NOGGIN_LANES explicit RowTiles(std::size_t rows)
      : count(rows), tiles((rows + kTileRows - 1) / kTileRows), height((rows + tiles - 1) / tiles) {}
  NOGGIN_LANES std::size_t first_row(std::size_t tile) const {
    return tile * height + height <= count ? tile * height : count - height;
  }
};

}  // namespace
}  // namespace noggin::runtime
