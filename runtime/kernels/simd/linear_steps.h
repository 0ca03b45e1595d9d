// Linear layers over panels of sixteen outputs. Include after a lanes_*.h and these definitions of the instruction set:
//   kBlockRows (1..6), kBlockPanels (1..4)  how many rows and panels fit into its registers
//   Activations, load_activations(const int8_t*)  four int8 inputs of a row, in every lane, ready for accumulate()
//   Weights, load_weights(const int8_t*)    64 bytes of a panel: four inputs of sixteen outputs
//   accumulate(Ints&, Activations, Weights)  sum[n] += a[0] * w[n][0] + ... + a[3] * w[n][3], exactly
//   kOffsetActivations                       whether accumulate multiplies a + 128, which stage_inputs() gives; then
//   sums
//                                            start from bias_minus_offset
//   stage_inputs(const int8_t* a, size_t count, int8_t* to)  the form of a that load_activations() takes, if that is
//                                            not a itself
#pragma once

#include "kernels/simd/float_steps.h"

namespace noggin::runtime {
namespace {

constexpr std::size_t kPanelStep = spec::kPanelOutputs * spec::kPanelInputs;  // bytes: four inputs of a panel

// Up to four panels of one row. The sums are variables of their own, not an array, which gcc 12 keeps in memory.
template <int kPanels>
NOGGIN_LANES void accumulate_row(Ints& s0, Ints& s1, Ints& s2, Ints& s3, const std::int8_t* a, Weights w0, Weights w1,
                                 Weights w2, Weights w3) {
  const Activations activations = load_activations(a);
  accumulate(s0, activations, w0);
  if constexpr (kPanels > 1) accumulate(s1, activations, w1);
  if constexpr (kPanels > 2) accumulate(s2, activations, w2);
  if constexpr (kPanels > 3) accumulate(s3, activations, w3);
}

// What the panels of one block share, read once per block and used for every row.
struct PanelColumns {
  alignas(64) std::int32_t start[4 * kLanes];
  alignas(64) float scale[4 * kLanes];
};

NOGGIN_LANES void read_columns(const spec::LinearColumn* columns, std::size_t panels, bool minus_offset,
                               PanelColumns& to) {
  static_assert(sizeof(spec::LinearColumn) == 3 * sizeof(std::int32_t));
  for (std::size_t p = 0; p < panels; ++p, columns += kLanes) {
    store(to.start + p * kLanes, load_thirds(columns, minus_offset ? 1 : 0));
    store(to.scale + p * kLanes, floats_of(load_thirds(columns, 2)));
  }
}

// Four panels' factors, kept in registers while rows are finished.
struct Scales {
  Floats p0, p1, p2, p3;
};
NOGGIN_LANES Scales load_scales(const float* scale) {
  return {load(scale), load(scale + 16), load(scale + 32), load(scale + 48)};
}

template <int kPanels, typename Sink>
NOGGIN_LANES void finish_row(Ints s0, Ints s1, Ints s2, Ints s3, const PanelColumns& columns, std::size_t row,
                             std::size_t n, const Sink& sink) {
  const Floats y0 = multiply(to_float(s0), load(columns.scale));
  if constexpr (kPanels == 1) {
    sink(row, n, y0);
  } else {
    static_assert(kPanels == 4);
    const auto out = sink.columns(n);
    out(row, y0, multiply(to_float(s1), load(columns.scale + 16)), multiply(to_float(s2), load(columns.scale + 32)),
        multiply(to_float(s3), load(columns.scale + 48)));
  }
}

// Rows of activations in the form that load_activations() takes, some inputs at a time.
constexpr std::size_t kStagedInputs = 1024;
struct Staged {
  alignas(64) std::int8_t rows[kBlockRows][kStagedInputs];
};
struct Rows {
  const std::int8_t* first;
  std::size_t stride;
};
// `Buffer` is Staged; a parameter, so that sets without stage_inputs() need not have it.
template <int kRows, typename Buffer>
NOGGIN_LANES Rows stage_rows(const std::int8_t* a, std::size_t stride, std::size_t count, Buffer& staged) {
  if constexpr (kOffsetActivations) {
    for (std::size_t i = 0; i < kRows; ++i) stage_inputs(a + i * stride, count, staged.rows[i]);
    return {staged.rows[0], kStagedInputs};
  }
  return {a, stride};
}

// kRows rows of a by kPanels panels from output n on.
template <int kRows, int kPanels, typename Sink>
void multiply_block(const spec::LinearView& weight, const PanelColumns& columns, const std::int8_t* a,
                    std::size_t a_stride, std::size_t row, std::size_t n, const Sink& sink) {
  const std::size_t inputs = spec::padded_inputs(weight.inputs);
  const std::size_t panel_bytes = inputs * spec::kPanelOutputs;
  const std::int8_t* w = weight.panels + (n / spec::kPanelOutputs) * panel_bytes;
  const std::int32_t* start = columns.start;
  Ints a0 = load(start), a1 = load(start + 16), a2 = load(start + 32), a3 = load(start + 48);
  Ints b0 = load(start), b1 = load(start + 16), b2 = load(start + 32), b3 = load(start + 48);
  Ints c0 = load(start), c1 = load(start + 16), c2 = load(start + 32), c3 = load(start + 48);
  Ints d0 = load(start), d1 = load(start + 16), d2 = load(start + 32), d3 = load(start + 48);
  Ints e0 = load(start), e1 = load(start + 16), e2 = load(start + 32), e3 = load(start + 48);
  Ints f0 = load(start), f1 = load(start + 16), f2 = load(start + 32), f3 = load(start + 48);
  Staged staged;
  for (std::size_t done = 0; done < inputs; done += kStagedInputs) {
    const std::size_t count = inputs - done < kStagedInputs ? inputs - done : kStagedInputs;
    const auto [x, stride] = stage_rows<kRows>(a + row * a_stride + done, a_stride, count, staged);
    for (std::size_t k = 0; k < count; k += spec::kPanelInputs, w += kPanelStep) {
      const Weights w0 = load_weights(w), w1 = load_weights(w + (kPanels > 1 ? panel_bytes : 0)),
                    w2 = load_weights(w + (kPanels > 2 ? 2 * panel_bytes : 0)),
                    w3 = load_weights(w + (kPanels > 3 ? 3 * panel_bytes : 0));
      accumulate_row<kPanels>(a0, a1, a2, a3, x + k, w0, w1, w2, w3);
      if constexpr (kRows > 1) accumulate_row<kPanels>(b0, b1, b2, b3, x + k + stride, w0, w1, w2, w3);
      if constexpr (kRows > 2) accumulate_row<kPanels>(c0, c1, c2, c3, x + k + 2 * stride, w0, w1, w2, w3);
      if constexpr (kRows > 3) accumulate_row<kPanels>(d0, d1, d2, d3, x + k + 3 * stride, w0, w1, w2, w3);
      if constexpr (kRows > 4) accumulate_row<kPanels>(e0, e1, e2, e3, x + k + 4 * stride, w0, w1, w2, w3);
      if constexpr (kRows > 5) accumulate_row<kPanels>(f0, f1, f2, f3, x + k + 5 * stride, w0, w1, w2, w3);
    }
  }
  finish_row<kPanels>(a0, a1, a2, a3, columns, row, n, sink);
  if constexpr (kRows > 1) finish_row<kPanels>(b0, b1, b2, b3, columns, row + 1, n, sink);
  if constexpr (kRows > 2) finish_row<kPanels>(c0, c1, c2, c3, columns, row + 2, n, sink);
  if constexpr (kRows > 3) finish_row<kPanels>(d0, d1, d2, d3, columns, row + 3, n, sink);
  if constexpr (kRows > 4) finish_row<kPanels>(e0, e1, e2, e3, columns, row + 4, n, sink);
  if constexpr (kRows > 5) finish_row<kPanels>(f0, f1, f2, f3, columns, row + 5, n, sink);
}

// The last rows, fewer than kBlockRows.
template <int kRows, int kPanels, typename Sink>
void multiply_last_rows(const spec::LinearView& weight, const PanelColumns& columns, const std::int8_t* a,
                        std::size_t a_stride, std::size_t row, std::size_t rows, std::size_t n, const Sink& sink) {
  if constexpr (kRows > 0) {
    if (rows - row == kRows) {
      multiply_block<kRows, kPanels>(weight, columns, a, a_stride, row, n, sink);
    } else {
      multiply_last_rows<kRows - 1, kPanels>(weight, columns, a, a_stride, row, rows, n, sink);
    }
  }
}

template <int kPanels, typename Sink>
void multiply_panels(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride, std::size_t rows,
                     std::size_t n, const Sink& sink) {
  PanelColumns columns = {};
  read_columns(weight.columns + n, kPanels, kOffsetActivations, columns);
  std::size_t row = 0;
  for (; row + kBlockRows <= rows; row += kBlockRows) {
    multiply_block<kBlockRows, kPanels>(weight, columns, a, a_stride, row, n, sink);
  }
  multiply_last_rows<kBlockRows - 1, kPanels>(weight, columns, a, a_stride, row, rows, n, sink);
}

// A block of panels stays in the first-level cache while all rows pass over it.
template <typename Sink>
NOGGIN_LANES void multiply_all(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride,
                               std::size_t rows, const Sink& sink) {
  constexpr std::size_t kBlockOutputs = kBlockPanels * spec::kPanelOutputs;
  std::size_t n = 0;
  for (; n + kBlockOutputs <= spec::padded_outputs(weight.outputs); n += kBlockOutputs) {
    multiply_panels<kBlockPanels>(weight, a, a_stride, rows, n, sink);
  }
  for (; n < spec::padded_outputs(weight.outputs); n += spec::kPanelOutputs) {  // the last ones singly: half the code
    multiply_panels<1>(weight, a, a_stride, rows, n, sink);
  }
}

// Sinks take sixteen outputs of a row from n on; or, if the set has wide registers, sixty-four outputs of the columns
// they prepared for.
struct FloatSink {
  float* y;
  std::size_t outputs;
  NOGGIN_LANES void operator()(std::size_t row, std::size_t n, Floats y0) const {
    store_up_to(y + row * outputs + n, y0, lanes_at(n, outputs));
  }
  struct Columns {
    float* y;
    std::size_t outputs, n;
    NOGGIN_LANES void operator()(std::size_t row, Floats y0, Floats y1, Floats y2, Floats y3) const {
      float* to = y + row * outputs + n;
      store(to, y0);
      store(to + 16, y1);
      store(to + 32, y2);
      store_up_to(to + 48, y3, lanes_at(n + 48, outputs));
    }
  };
  NOGGIN_LANES Columns columns(std::size_t n) const { return {y, outputs, n}; }
};

struct QuantizedSink {
  const float* inverse_scale;
  const std::int8_t* lookup;
  std::int8_t* out;
  std::size_t out_stride;
  NOGGIN_LANES void operator()(std::size_t row, std::size_t n, Floats y0) const {
    const Ints q = quantize_lanes(y0, load(inverse_scale + n));
    store_bytes(out + row * out_stride + n, lookup == nullptr ? q : look_up(lookup, q));
  }
  struct Columns {
    Scales inverse;
    const std::int8_t* lookup;
    std::int8_t* out;
    std::size_t out_stride;
    // A template, so that sets without registers of 64 bytes need not have their operations.
    template <typename Lanes>
    NOGGIN_LANES void operator()(std::size_t row, Lanes y0, Lanes y1, Lanes y2, Lanes y3) const {
      const auto q = quantize_four(multiply(y0, inverse.p0), multiply(y1, inverse.p1), multiply(y2, inverse.p2),
                                   multiply(y3, inverse.p3));
      store(out + row * out_stride, lookup == nullptr ? q : look_up(lookup, q));
    }
  };
  NOGGIN_LANES Columns columns(std::size_t n) const {
    return {load_scales(inverse_scale + n), lookup, out + n, out_stride};
  }
};

}  // namespace
}  // namespace noggin::runtime
