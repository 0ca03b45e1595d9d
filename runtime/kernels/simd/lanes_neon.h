// Sixteen lanes in four 128-bit registers: AArch64's NEON. The same names as lanes_avx512.h.
// vmulq_f32 and vaddq_f32 are plain operators to the compiler: -ffp-contract=off keeps them two roundings.
#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#define NOGGIN_LANES inline __attribute__((always_inline))

namespace noggin::runtime {
namespace {

struct Floats {
  float32x4_t a, b, c, d;  // lanes 0-3, 4-7, 8-11, 12-15
};
struct Ints {
  int32x4_t a, b, c, d;
};

// All bits set in lanes 0 .. count - 1 of the sixteen.
struct Mask {
  uint32x4_t a, b, c, d;
};
NOGGIN_LANES Mask first_lanes(std::size_t count) {
  const std::uint32_t indices[4] = {0, 1, 2, 3};
  const uint32x4_t index = vld1q_u32(indices), n = vdupq_n_u32(static_cast<std::uint32_t>(count));
  return {vcltq_u32(index, n), vcltq_u32(vaddq_u32(index, vdupq_n_u32(4)), n),
          vcltq_u32(vaddq_u32(index, vdupq_n_u32(8)), n), vcltq_u32(vaddq_u32(index, vdupq_n_u32(12)), n)};
}

NOGGIN_LANES Floats load(const float* p) {
  return {vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)};
}
NOGGIN_LANES void store(float* p, Floats x) {
  vst1q_f32(p, x.a);
  vst1q_f32(p + 4, x.b);
  vst1q_f32(p + 8, x.c);
  vst1q_f32(p + 12, x.d);
}
// The first `count` < 16 lanes from memory, the others +0; nothing beyond them is touched. NEON has no masked loads.
NOGGIN_LANES Floats load_part(const float* p, std::size_t count) {
  float lanes[16] = {};
  for (std::size_t i = 0; i < count; ++i) lanes[i] = p[i];
  return load(lanes);
}
NOGGIN_LANES void store_part(float* p, Floats x, std::size_t count) {
  float lanes[16];
  store(lanes, x);
  for (std::size_t i = 0; i < count; ++i) p[i] = lanes[i];
}
NOGGIN_LANES Floats all(float x) {
  const float32x4_t four = vdupq_n_f32(x);
  return {four, four, four, four};
}
NOGGIN_LANES Floats add(Floats x, Floats y) {
  return {vaddq_f32(x.a, y.a), vaddq_f32(x.b, y.b), vaddq_f32(x.c, y.c), vaddq_f32(x.d, y.d)};
}
NOGGIN_LANES Floats subtract(Floats x, Floats y) {
  return {vsubq_f32(x.a, y.a), vsubq_f32(x.b, y.b), vsubq_f32(x.c, y.c), vsubq_f32(x.d, y.d)};
}
NOGGIN_LANES Floats multiply(Floats x, Floats y) {
  return {vmulq_f32(x.a, y.a), vmulq_f32(x.b, y.b), vmulq_f32(x.c, y.c), vmulq_f32(x.d, y.d)};
}
NOGGIN_LANES Floats divide(Floats x, Floats y) {
  return {vdivq_f32(x.a, y.a), vdivq_f32(x.b, y.b), vdivq_f32(x.c, y.c), vdivq_f32(x.d, y.d)};
}
// x > y ? x : y and x < y ? x : y; y when either is NaN. Not vmaxq_f32, which then gives a NaN.
NOGGIN_LANES float32x4_t larger_of_four(float32x4_t x, float32x4_t y) { return vbslq_f32(vcgtq_f32(x, y), x, y); }
NOGGIN_LANES float32x4_t smaller_of_four(float32x4_t x, float32x4_t y) { return vbslq_f32(vcltq_f32(x, y), x, y); }
NOGGIN_LANES Floats larger(Floats x, Floats y) {
  return {larger_of_four(x.a, y.a), larger_of_four(x.b, y.b), larger_of_four(x.c, y.c), larger_of_four(x.d, y.d)};
}
NOGGIN_LANES Floats smaller(Floats x, Floats y) {
  return {smaller_of_four(x.a, y.a), smaller_of_four(x.b, y.b), smaller_of_four(x.c, y.c), smaller_of_four(x.d, y.d)};
}
NOGGIN_LANES float32x4_t keep_of_four(float32x4_t x, uint32x4_t mask) {
  return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(x), mask));
}
NOGGIN_LANES Floats keep(Floats x, std::size_t count) {
  const Mask mask = first_lanes(count);
  return {keep_of_four(x.a, mask.a), keep_of_four(x.b, mask.b), keep_of_four(x.c, mask.c), keep_of_four(x.d, mask.d)};
}

NOGGIN_LANES Ints load(const std::int32_t* p) {
  return {vld1q_s32(p), vld1q_s32(p + 4), vld1q_s32(p + 8), vld1q_s32(p + 12)};
}
NOGGIN_LANES void store(std::int32_t* p, Ints x) {
  vst1q_s32(p, x.a);
  vst1q_s32(p + 4, x.b);
  vst1q_s32(p + 8, x.c);
  vst1q_s32(p + 12, x.d);
}
NOGGIN_LANES Ints all(std::int32_t x) {
  const int32x4_t four = vdupq_n_s32(x);
  return {four, four, four, four};
}
NOGGIN_LANES Ints add(Ints x, Ints y) {
  return {vaddq_s32(x.a, y.a), vaddq_s32(x.b, y.b), vaddq_s32(x.c, y.c), vaddq_s32(x.d, y.d)};
}
NOGGIN_LANES Ints subtract(Ints x, Ints y) {
  return {vsubq_s32(x.a, y.a), vsubq_s32(x.b, y.b), vsubq_s32(x.c, y.c), vsubq_s32(x.d, y.d)};
}
NOGGIN_LANES Ints larger(Ints x, Ints y) {
  return {vmaxq_s32(x.a, y.a), vmaxq_s32(x.b, y.b), vmaxq_s32(x.c, y.c), vmaxq_s32(x.d, y.d)};
}
NOGGIN_LANES int32x4_t keep_of_four(int32x4_t x, uint32x4_t mask) { return vandq_s32(x, vreinterpretq_s32_u32(mask)); }
NOGGIN_LANES Ints keep(Ints x, std::size_t count) {
  const Mask mask = first_lanes(count);
  return {keep_of_four(x.a, mask.a), keep_of_four(x.b, mask.b), keep_of_four(x.c, mask.c), keep_of_four(x.d, mask.d)};
}

NOGGIN_LANES Ints widen(int8x16_t bytes) {
  const int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_high_s8(bytes);
  return {vmovl_s16(vget_low_s16(low)), vmovl_high_s16(low), vmovl_s16(vget_low_s16(high)), vmovl_high_s16(high)};
}
NOGGIN_LANES Ints widen(const std::int8_t* p) { return widen(vld1q_s8(p)); }
// The low byte of each lane, for lanes in [-128, 127]: every second half of a half.
NOGGIN_LANES int8x16_t narrow(Ints x) {
  const int16x8_t low = vuzp1q_s16(vreinterpretq_s16_s32(x.a), vreinterpretq_s16_s32(x.b));
  const int16x8_t high = vuzp1q_s16(vreinterpretq_s16_s32(x.c), vreinterpretq_s16_s32(x.d));
  return vuzp1q_s8(vreinterpretq_s8_s16(low), vreinterpretq_s8_s16(high));
}
NOGGIN_LANES void store_bytes(void* p, Ints x) { vst1q_s8(static_cast<std::int8_t*>(p), narrow(x)); }
// table[q + 128] for lanes in [-128, 127]: four tables of 64 bytes. An index outside a table leaves the lane as it was.
NOGGIN_LANES Ints look_up(const std::int8_t* table, Ints q) {
  const uint8x16_t index = veorq_u8(vreinterpretq_u8_s8(narrow(q)), vdupq_n_u8(0x80)), step = vdupq_n_u8(64);
  int8x16_t found = vqtbl4q_s8(vld1q_s8_x4(table), index);
  found = vqtbx4q_s8(found, vld1q_s8_x4(table + 64), vsubq_u8(index, step));
  found = vqtbx4q_s8(found, vld1q_s8_x4(table + 128), vsubq_u8(index, vaddq_u8(step, step)));
  found = vqtbx4q_s8(found, vld1q_s8_x4(table + 192), vsubq_u8(index, vdupq_n_u8(192)));
  return widen(found);
}
// Four rows of sixteen bytes -> [16][4].
NOGGIN_LANES void interleave(const std::int8_t* const (&rows)[4], std::int8_t* to) {
  vst4q_s8(to, int8x16x4_t{{vld1q_s8(rows[0]), vld1q_s8(rows[1]), vld1q_s8(rows[2]), vld1q_s8(rows[3])}});
}

NOGGIN_LANES Floats floats_of(Ints bits) {
  return {vreinterpretq_f32_s32(bits.a), vreinterpretq_f32_s32(bits.b), vreinterpretq_f32_s32(bits.c),
          vreinterpretq_f32_s32(bits.d)};
}
// Word `which` (0..2) of each of sixteen triples of words.
NOGGIN_LANES Ints load_thirds(const void* triples, int which) {
  const std::int32_t* p = static_cast<const std::int32_t*>(triples);
  return {vld3q_s32(p).val[which], vld3q_s32(p + 12).val[which], vld3q_s32(p + 24).val[which],
          vld3q_s32(p + 36).val[which]};
}

NOGGIN_LANES Floats to_float(Ints x) {
  return {vcvtq_f32_s32(x.a), vcvtq_f32_s32(x.b), vcvtq_f32_s32(x.c), vcvtq_f32_s32(x.d)};
}
// Ties to even, for lanes inside the int32 range.
NOGGIN_LANES Ints round_half_even(Floats x) {
  return {vcvtnq_s32_f32(x.a), vcvtnq_s32_f32(x.b), vcvtnq_s32_f32(x.c), vcvtnq_s32_f32(x.d)};
}

// Sixty-four int8 in order.
struct Bytes {
  int8x16_t a, b, c, d;
};
NOGGIN_LANES void store(std::int8_t* p, Bytes x) {
  vst1q_s8(p, x.a);
  vst1q_s8(p + 16, x.b);
  vst1q_s8(p + 32, x.c);
  vst1q_s8(p + 48, x.d);
}
// spec::quantize_activation of x = value * inverse scale; both comparisons are false for NaN, so NaN becomes -128.
NOGGIN_LANES int8x16_t quantize_one(Floats x) {
  return narrow(round_half_even(smaller(larger(x, all(-128.0F)), all(127.0F))));
}
NOGGIN_LANES Bytes quantize_four(Floats x0, Floats x1, Floats x2, Floats x3) {
  return {quantize_one(x0), quantize_one(x1), quantize_one(x2), quantize_one(x3)};
}

NOGGIN_LANES float32x4_t power_of_two_of_four(int32x4_t n) {
  return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(n, vdupq_n_s32(127)), 23));
}
// 2^n for n in [-126, 127].
NOGGIN_LANES Floats power_of_two(Ints n) {
  return {power_of_two_of_four(n.a), power_of_two_of_four(n.b), power_of_two_of_four(n.c), power_of_two_of_four(n.d)};
}
NOGGIN_LANES float square_root(float x) { return vget_lane_f32(vsqrt_f32(vdup_n_f32(x)), 0); }

// 16 -> 8: lane i + lane i + 8, and so on: the tree of a row sum.
NOGGIN_LANES float sum_tree(Floats x) {
  const float32x4_t four = vaddq_f32(vaddq_f32(x.a, x.c), vaddq_f32(x.b, x.d));
  const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}
NOGGIN_LANES std::int32_t sum(Ints x) { return vaddvq_s32(vaddq_s32(vaddq_s32(x.a, x.b), vaddq_s32(x.c, x.d))); }
NOGGIN_LANES std::int32_t largest(Ints x) { return vmaxvq_s32(vmaxq_s32(vmaxq_s32(x.a, x.b), vmaxq_s32(x.c, x.d))); }

}  // namespace
}  // namespace noggin::runtime
