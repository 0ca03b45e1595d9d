// Linear layers on AMX tiles, over the same panels as linear_steps.h: sixteen outputs by four inputs are one row of a
// tile. The integer sums of a block go through memory; while the tiles multiply the next block, the vector units finish
// the previous one.
#pragma once

#include "kernels/simd/amx_tiles.h"
#include "kernels/simd/linear_steps.h"

namespace noggin::runtime {
namespace {

// Fewer rows are faster in vectors; so are inputs that do not divide into wide tiles.
inline constexpr std::size_t kMinTileRows = 3;
inline constexpr std::size_t kNarrowestTile = 32;

inline constexpr std::size_t kBlockOutputs = 4 * spec::kPanelOutputs;

// Tiles 0..3 hold sums, 4 rows of a, 5 and 6 panels.
NOGGIN_LANES TileShapes linear_shapes(std::size_t rows, std::size_t inputs) {
  TileShapes shapes;
  for (int tile = 0; tile < 4; ++tile) set_tile(shapes, tile, rows, kTileBytes);
  set_tile(shapes, 4, rows, inputs);
  for (int tile = 5; tile < 7; ++tile) set_tile(shapes, tile, inputs / spec::kPanelInputs, kTileBytes);
  return shapes;
}

// The widest tile, in inputs, that divides the inputs evenly.
NOGGIN_LANES std::size_t tile_inputs(std::size_t padded_inputs) {
  std::size_t inputs = kTileBytes;
  while (padded_inputs % inputs != 0) inputs -= spec::kPanelInputs;
  return inputs;
}

// A block of up to 4 panels and the start values of its sums.
struct Panels {
  const std::int8_t* w;  // first panel
  std::size_t panel_bytes;
  const std::int32_t* bias;  // [64]
};

// sums [16][64] = bias + rows of a times kPanels panels. between(): called after each step of the products, to give
// the vector units work while the tiles multiply.
template <int kPanels, typename Between>
NOGGIN_LANES void sum_products(const std::int8_t* a, std::size_t a_stride, std::size_t inputs, std::size_t step,
                               const Panels& panels, std::int32_t* sums, Between&& between) {
  load_tile<0>(panels.bias, 0);  // a stride of 0: the same start for every row
  if constexpr (kPanels > 1) load_tile<1>(panels.bias + 16, 0);
  if constexpr (kPanels > 2) load_tile<2>(panels.bias + 32, 0);
  if constexpr (kPanels > 3) load_tile<3>(panels.bias + 48, 0);
  const std::int8_t* w = panels.w;
  for (std::size_t k = 0; k < inputs; k += step, w += step * spec::kPanelOutputs) {
    load_tile<4>(a + k, a_stride);
    load_tile<5>(w, kTileBytes);
    multiply_tiles<0, 4, 5>();
    if constexpr (kPanels > 1) {
      load_tile<6>(w + panels.panel_bytes, kTileBytes);
      multiply_tiles<1, 4, 6>();
    }
    if constexpr (kPanels > 2) {
      load_tile<5>(w + 2 * panels.panel_bytes, kTileBytes);
      multiply_tiles<2, 4, 5>();
    }
    if constexpr (kPanels > 3) {
      load_tile<6>(w + 3 * panels.panel_bytes, kTileBytes);
      multiply_tiles<3, 4, 6>();
    }
    between();
  }
  constexpr std::size_t kStride = kBlockOutputs * sizeof(std::int32_t);
  store_tile<0>(sums, kStride);
  if constexpr (kPanels > 1) store_tile<1>(sums + 16, kStride);
  if constexpr (kPanels > 2) store_tile<2>(sums + 32, kStride);
  if constexpr (kPanels > 3) store_tile<3>(sums + 48, kStride);
}

// Sums of a block that wait to be finished, row by row.
struct PendingSums {
  const std::int32_t* sums = nullptr;
  const PanelColumns* columns = nullptr;
  std::size_t row = 0, n = 0, left = 0;
};

template <int kPanels, typename Sink>
NOGGIN_LANES void finish_rows(PendingSums& pending, std::size_t rows, const Sink& sink) {
  if (rows > pending.left) rows = pending.left;
  if (rows == 0) return;
  if constexpr (kPanels == 1) {
    for (std::size_t m = 0; m < rows; ++m) {
      const Floats y = multiply(to_float(load(pending.sums + m * kBlockOutputs)), load(pending.columns->scale));
      sink(pending.row + m, pending.n, y);
    }
  } else {
    static_assert(kPanels == 4);
    const Scales scale = load_scales(pending.columns->scale);
    const auto out = sink.columns(pending.n);
    for (std::size_t m = 0; m < rows; ++m) {
      const std::int32_t* sums = pending.sums + m * kBlockOutputs;
      out(pending.row + m, multiply(to_float(load(sums)), scale.p0), multiply(to_float(load(sums + 16)), scale.p1),
          multiply(to_float(load(sums + 32)), scale.p2), multiply(to_float(load(sums + 48)), scale.p3));
    }
  }
  pending.sums += rows * kBlockOutputs;
  pending.row += rows;
  pending.left -= rows;
}

// Weights that do not fit the second-level cache along with everything else are slow to load, and tile loads do not
// prefetch: so while a block is multiplied, the next one is fetched.
class Prefetch {
 public:
  // `bytes` from `next` on, in `parts` parts; nothing if the whole weight is small.
  NOGGIN_LANES Prefetch(const std::int8_t* next, std::size_t bytes, std::size_t parts, std::size_t whole_weight)
      : next_(next), part_(whole_weight < kSmallWeight ? 0 : (bytes + parts - 1) / parts) {}
  NOGGIN_LANES void fetch_part() {
    for (const std::int8_t* end = next_ + part_; next_ < end; next_ += 64) _mm_prefetch(next_, _MM_HINT_T1);
  }

 private:
  static constexpr std::size_t kSmallWeight = 128 * 1024;
  const std::int8_t* next_;
  std::size_t part_;
};

// Outputs from n on, kPanels panels at a time.
template <int kPanels, typename Sink>
void multiply_blocks(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride, const RowTiles& rows,
                     std::size_t step, std::size_t& n, const Sink& sink) {
  const std::size_t inputs = spec::padded_inputs(weight.inputs), outputs = spec::padded_outputs(weight.outputs);
  const std::size_t panel_bytes = inputs * spec::kPanelOutputs;
  const std::size_t steps = inputs / step, rows_a_step = (rows.height + steps - 1) / steps;
  alignas(64) std::int32_t sums[2][kTileRows * kBlockOutputs];
  PanelColumns columns[2];
  PendingSums pending;
  int turn = 0, block = 0;
  for (; n + kPanels * spec::kPanelOutputs <= outputs; n += kPanels * spec::kPanelOutputs, block ^= 1) {
    read_columns(weight.columns + n, kPanels, false, columns[block]);
    const Panels panels = {weight.panels + n / spec::kPanelOutputs * panel_bytes, panel_bytes, columns[block].start};
    // Past the last panel a prefetch does nothing.
    Prefetch prefetch(panels.w + kPanels * panel_bytes, kPanels * panel_bytes, steps * rows.tiles, outputs * inputs);
    for (std::size_t tile = 0; tile < rows.tiles; ++tile, turn ^= 1) {
      const std::size_t row = rows.first_row(tile);
      sum_products<kPanels>(a + row * a_stride, a_stride, inputs, step, panels, sums[turn], [&] {
        prefetch.fetch_part();
        finish_rows<kPanels>(pending, rows_a_step, sink);
      });
      pending = {sums[turn], &columns[block], row, n, rows.height};
    }
  }
  finish_rows<kPanels>(pending, rows.height, sink);
}

template <typename Sink>
NOGGIN_LANES void multiply_on_tiles(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride,
                                    std::size_t rows, const Sink& sink) {
  const std::size_t step = tile_inputs(spec::padded_inputs(weight.inputs));
  if (rows < kMinTileRows || step < kNarrowestTile) return multiply_all(weight, a, a_stride, rows, sink);
  const RowTiles tiles(rows);
  const TilesInUse in_use(linear_shapes(tiles.height, step));
  std::size_t n = 0;
  multiply_blocks<4>(weight, a, a_stride, tiles, step, n, sink);
  multiply_blocks<1>(weight, a, a_stride, tiles, step, n, sink);
}

}  // namespace
}  // namespace noggin::runtime
