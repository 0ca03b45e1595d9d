// Linear layers with int4 weights, over panels of sixteen outputs (spec/layout.h). Include after these definitions of
// the instruction set:
//   kInt4Rows                                how many rows of sums fit into its registers
//   Int4Weights, load_int4(const int8_t*)    64 bytes of a panel: eight inputs of sixteen outputs
//   int4_span(group)                         how many inputs one sum may hold before it is multiplied by the sub-step
//   int4_start(const int8_t* a, size_t span) what the sum of a row over a span starts from, in every lane. Sets that
//                                            multiply q + 8 put -8 * (sum of a) there
//   kInt4Offset                              how much less than the sum that start makes it, so that it fits the
//                                            registers; given back at the end, times the sub-steps. 0, or a
//                                            power of two
//   accumulate_int4(Ints&, const int8_t* a, const Int4Weights&)  adds eight inputs of a row
//   add_scaled(Ints& total, Ints sum, Ints steps)                total += sum * step of each output
// All sums are exact, so no order of them can show in the result (NUMERICS.md).
#pragma once

#include "kernels/simd/linear_steps.h"

namespace noggin::runtime {
namespace {

// Sums of kRows rows as variables of their own: gcc 12 keeps arrays of vectors in memory.
template <int kRows>
struct RowSums {
  Ints first;
  RowSums<kRows - 1> rest;
};
template <>
struct RowSums<0> {};

template <int kRows>
NOGGIN_LANES void set_all(RowSums<kRows>& sums, Ints value) {
  if constexpr (kRows > 0) {
    sums.first = value;
    set_all<kRows - 1>(sums.rest, value);
  }
}
template <int kRows>
NOGGIN_LANES void set_starts(RowSums<kRows>& sums, const std::int32_t* starts, std::size_t stride) {
  if constexpr (kRows > 0) {
    sums.first = all(*starts);
    set_starts<kRows - 1>(sums.rest, starts + stride, stride);
  }
}
template <int kRows>
NOGGIN_LANES void accumulate_rows(RowSums<kRows>& sums, const std::int8_t* a, std::size_t stride,
                                  const Int4Weights& w) {
  if constexpr (kRows > 0) {
    accumulate_int4(sums.first, a, w);
    accumulate_rows<kRows - 1>(sums.rest, a + stride, stride, w);
  }
}
template <int kRows>
NOGGIN_LANES void add_scaled_rows(RowSums<kRows>& totals, const RowSums<kRows>& sums, Ints steps) {
  if constexpr (kRows > 0) {
    add_scaled(totals.first, sums.first, steps);
    add_scaled_rows<kRows - 1>(totals.rest, sums.rest, steps);
  }
}
template <int kRows>
NOGGIN_LANES void add_to_rows(RowSums<kRows>& totals, Ints value) {
  if constexpr (kRows > 0) {
    totals.first = add(totals.first, value);
    add_to_rows<kRows - 1>(totals.rest, value);
  }
}
template <int kRows>
NOGGIN_LANES void store_rows(const RowSums<kRows>& totals, std::int32_t* to) {
  if constexpr (kRows > 0) {
    store(to, totals.first);
    store_rows<kRows - 1>(totals.rest, to + kLanes);
  }
}

// Rows of activations, and the starts of their sums: [rows, inputs / span].
struct Int4Rows {
  const std::int8_t* a;
  std::size_t a_stride;
  const std::int32_t* starts;
  std::size_t starts_stride;
};

// sums [kRows, 16] = bias + the products of kRows rows with the panel that begins at output n. Not a template of the
// sink, and not inlined: one copy of the code.
template <int kRows>
__attribute__((noinline)) void sum_int4_products(const spec::LinearView& weight, const std::int32_t* bias,
                                                 const Int4Rows& rows, std::size_t n, std::int32_t* sums) {
  const std::size_t group = weight.group, span = int4_span(group);
  const std::int8_t* w = weight.panels + n * weight.inputs / 2;
  const std::int8_t* steps = weight.steps + n * (weight.inputs / group);
  RowSums<kRows> totals;
  set_all<kRows>(totals, load(bias));
  const std::int8_t* a = rows.a;
  const std::int32_t* starts = rows.starts;
  Ints missing = all(0);  // of every total, in units of kInt4Offset
  for (std::size_t done = 0; done < weight.inputs; done += group, steps += kLanes) {
    const Ints step = widen(steps);
    for (std::size_t k = 0; k < group; k += span, ++starts) {
      RowSums<kRows> of_span;
      set_starts<kRows>(of_span, starts, rows.starts_stride);
      for (std::size_t i = 0; i < span; i += 8, a += 8, w += kPanelStep) {
        accumulate_rows<kRows>(of_span, a, rows.a_stride, load_int4(w));
      }
      add_scaled_rows<kRows>(totals, of_span, step);
      if constexpr (kInt4Offset != 0) missing = add(missing, step);
    }
  }
  if constexpr (kInt4Offset != 0) {
    for (std::int32_t times = 1; times < kInt4Offset; times *= 2) missing = add(missing, missing);
    add_to_rows<kRows>(totals, missing);
  }
  store_rows<kRows>(totals, sums);
}

constexpr int kFewRows = 4;  // fewer than this go singly

// The size of the next block of `left` of `rows` rows. Blocks are as large as registers allow and as equal as they can
// be: 18 rows as 9 + 9, 29 as 10 + 10 + 9. A last block that would be smaller than kFewRows goes back, and some rows
// are computed again, with the same result.
NOGGIN_LANES std::size_t int4_block(std::size_t rows, std::size_t left) {
  const std::size_t blocks = (left + kInt4Rows - 1) / kInt4Rows, equal = (left + blocks - 1) / blocks;
  if (equal > kFewRows) return equal;
  return rows >= kFewRows ? kFewRows : 1;
}

template <int kRows>
NOGGIN_LANES void sum_int4_block(std::size_t block, const spec::LinearView& weight, const std::int32_t* bias,
                                 const Int4Rows& rows, std::size_t n, std::int32_t* sums) {
  if (block == kRows) return sum_int4_products<kRows>(weight, bias, rows, n, sums);
  if constexpr (kRows > 1) sum_int4_block<(kRows > kFewRows ? kRows - 1 : 1)>(block, weight, bias, rows, n, sums);
}

// All panels of some rows whose starts are known.
template <typename Sink>
void multiply_int4_rows(const spec::LinearView& weight, const Int4Rows& rows, std::size_t first_row, std::size_t count,
                        const Sink& sink) {
  alignas(64) std::int32_t sums[kInt4Rows * kLanes];
  PanelColumns columns;
  for (std::size_t n = 0; n < spec::padded_outputs(weight.outputs); n += kLanes) {
    read_columns(weight.columns + n, 1, false, columns);
    const Floats scale = load(columns.scale);
    for (std::size_t row = 0; row < count;) {
      const std::size_t block = int4_block(count, count - row);
      if (count - row < block) row = count - block;
      const Int4Rows from = {rows.a + row * rows.a_stride, rows.a_stride, rows.starts + row * rows.starts_stride,
                             rows.starts_stride};
      sum_int4_block<kInt4Rows>(block, weight, columns.start, from, n, sums);
      for (std::size_t i = 0; i < block; ++i) {
        sink(first_row + row + i, n, multiply(to_float(load(sums + i * kLanes)), scale));
      }
      row += block;
    }
  }
}

template <typename Sink>
NOGGIN_LANES void multiply_int4(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride,
                                std::size_t rows, const Sink& sink) {
  constexpr std::size_t kStarts = 8192;  // 16 rows of the most inputs, in spans of 32
  static_assert(kStarts * 32 / 16384 >= kInt4Rows);
  alignas(64) std::int32_t starts[kStarts];
  const std::size_t span = int4_span(weight.group), spans = weight.inputs / span, at_once = kStarts / spans;
  for (std::size_t first = 0; first < rows; first += at_once) {
    const std::size_t count = rows - first < at_once ? rows - first : at_once;
    const std::int8_t* from = a + first * a_stride;
    for (std::size_t row = 0; row < count; ++row) {
      for (std::size_t s = 0; s < spans; ++s) {
        starts[row * spans + s] = int4_start(from + row * a_stride + s * span, span);
      }
    }
    multiply_int4_rows(weight, {from, a_stride, starts, spans}, first, count, sink);
  }
}

}  // namespace
}  // namespace noggin::runtime
