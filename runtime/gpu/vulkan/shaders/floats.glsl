// binary32 arithmetic of NUMERICS.md on any device: round to nearest even, subnormals kept.
//
// A device's own +, - and * round correctly when nothing is contracted (`precise`) and the rounding mode is set, but
// may flush subnormals, and its division and square root may be off by some ulp. So:
//   add, subtract, multiply                        the device's operation; where subnormals could have been involved,
//                                                  the result is computed again from integers
//   add_normal, subtract_normal, multiply_normal   the device's operation alone: for places where no subnormal can
//                                                  arise or matter; each says why
//   divide, square_root                            from integers, always
// These are the only float operations of all shaders.

float add_normal(float a, float b) {
  precise float sum = a + b;
  return sum;
}
float subtract_normal(float a, float b) {
  precise float difference = a - b;
  return difference;
}
float multiply_normal(float a, float b) {
  precise float product = a * b;
  return product;
}

const uint kSign = 0x80000000u, kMagnitude = 0x7FFFFFFFu, kInfinity = 0x7F800000u, kNan = 0x7FC00000u;

// A finite number that is not zero: significand * 2^(exponent - 23), 2^23 <= significand < 2^24.
struct Unpacked {
  uint significand;
  int exponent;
};

Unpacked unpack(uint magnitude) {
  const uint fraction = magnitude & 0x7FFFFFu;
  const int biased = int(magnitude >> 23);
  if (biased > 0) return Unpacked(fraction | 0x800000u, biased - 127);
  const int shift = 23 - findMSB(fraction);  // subnormal
  return Unpacked(fraction << shift, -126 - shift);
}

// value >> count, its lowest bit set if any bit was lost: what rounding has to know of them.
uint shift_right_sticky(uint value, uint count) {
  if (count == 0u) return value;
  if (count > 31u) return value == 0u ? 0u : 1u;
  return (value >> count) | ((value & ((1u << count) - 1u)) == 0u ? 0u : 1u);
}

// significand * 2^(exponent - 30) rounded to binary32; 2^30 <= significand < 2^31, its lowest bit sticky.
uint pack(uint sign, int exponent, uint significand) {
  int biased = exponent + 127;
  if (biased >= 255) return sign | kInfinity;
  if (biased <= 0) {
    significand = shift_right_sticky(significand, uint(1 - biased));
    biased = 1;
  }
  const uint lost = significand & 127u;
  uint rounded = significand >> 7;
  if (lost > 64u || (lost == 64u && (rounded & 1u) == 1u)) ++rounded;
  // The leading bit, where there is one, raises the exponent field by one; a carry by another one.
  return sign | ((uint(biased - 1) << 23) + rounded);
}

uint add_bits(uint a, uint b) {
  if ((a & kMagnitude) < (b & kMagnitude)) {
    const uint other = a;
    a = b;
    b = other;
  }
  const uint larger = a & kMagnitude, smaller = b & kMagnitude, sign = a & kSign;
  const bool opposite = ((a ^ b) & kSign) != 0u;
  if (larger >= kInfinity) return larger > kInfinity || (smaller == kInfinity && opposite) ? kNan : a;
  if (smaller == 0u) return larger == 0u ? a & b : a;  // -0 only of two -0
  const Unpacked x = unpack(larger), y = unpack(smaller);
  // Seven bits below the significand: more than the three that a rounded difference needs.
  const uint first = x.significand << 7;
  const uint second = shift_right_sticky(y.significand << 7, uint(x.exponent - y.exponent));
  if (!opposite) {
    const uint sum = first + second;
    return sum < 0x80000000u ? pack(sign, x.exponent, sum)
                             : pack(sign, x.exponent + 1, shift_right_sticky(sum, 1u));
  }
  const uint difference = first - second;
  if (difference == 0u) return 0u;
  const int shift = 30 - findMSB(difference);
  return pack(sign, x.exponent - shift, difference << shift);
}

uint multiply_bits(uint a, uint b) {
  const uint sign = (a ^ b) & kSign, p = a & kMagnitude, q = b & kMagnitude;
  if (p > kInfinity || q > kInfinity) return kNan;
  if (p == kInfinity || q == kInfinity) return p == 0u || q == 0u ? kNan : sign | kInfinity;
  if (p == 0u || q == 0u) return sign;
  const Unpacked x = unpack(p), y = unpack(q);
  uint high, low;
  umulExtended(x.significand, y.significand, high, low);  // 2^46 <= product < 2^48
  uint product = (high << 16) | (low >> 16) | ((low & 0xFFFFu) == 0u ? 0u : 1u);
  int exponent = x.exponent + y.exponent;
  if (product >= 0x80000000u) {
    product = shift_right_sticky(product, 1u);
    ++exponent;
  }
  return pack(sign, exponent, product);
}

// May a device that flushes subnormals have got this result of + or * wrong? Below 2^-100, yes. Above, an operand that
// was flushed is less than a quarter of the result's last place, which does not change it; and a flushed factor would
// have made the result 0. A NaN is looked at again, because infinity times a flushed factor is one.
bool is_doubtful(float result) {
  const uint lowest = 27u << 23;  // 2^-100
  return (floatBitsToUint(result) & kMagnitude) - lowest > kInfinity - lowest;
}

float add(float a, float b) {
  const float sum = add_normal(a, b);
  if (!is_doubtful(sum)) return sum;
  return uintBitsToFloat(add_bits(floatBitsToUint(a), floatBitsToUint(b)));
}
float subtract(float a, float b) { return add(a, uintBitsToFloat(floatBitsToUint(b) ^ kSign)); }
float multiply(float a, float b) {
  const float product = multiply_normal(a, b);
  if (!is_doubtful(product)) return product;
  return uintBitsToFloat(multiply_bits(floatBitsToUint(a), floatBitsToUint(b)));
}

// Long division, a bit of the quotient at a time: 24 bits, a bit to round by, one more, and whether anything is left.
float divide(float dividend, float divisor) {
  const uint a = floatBitsToUint(dividend), b = floatBitsToUint(divisor);
  const uint sign = (a ^ b) & kSign, p = a & kMagnitude, q = b & kMagnitude;
  if (p > kInfinity || q > kInfinity || (p == q && (p == 0u || p == kInfinity))) return uintBitsToFloat(kNan);
  if (p == kInfinity || q == 0u) return uintBitsToFloat(sign | kInfinity);
  if (p == 0u || q == kInfinity) return uintBitsToFloat(sign);
  const Unpacked x = unpack(p), y = unpack(q);
  int exponent = x.exponent - y.exponent;
  uint rest = x.significand;
  if (rest < y.significand) {
    rest <<= 1;
    --exponent;
  }
  uint quotient = 0u;
  for (int i = 0; i < 26; ++i) {
    quotient <<= 1;
    if (rest >= y.significand) {
      rest -= y.significand;
      quotient |= 1u;
    }
    rest <<= 1;
  }
  return uintBitsToFloat(pack(sign, exponent, (quotient << 5) | (rest == 0u ? 0u : 1u)));
}

// The same for the root: two bits of the radicand give one bit of the root.
float square_root(float x) {
  const uint bits = floatBitsToUint(x), magnitude = bits & kMagnitude;
  if (magnitude == 0u || bits == kInfinity) return x;
  if (magnitude > kInfinity || bits != magnitude) return uintBitsToFloat(kNan);
  const Unpacked number = unpack(magnitude);
  const bool odd = (number.exponent & 1) != 0;
  const uint radicand = odd ? number.significand << 1 : number.significand;  // below 2^25, read as 52 bits
  uint root = 0u, rest = 0u;
  for (int shift = 23; shift >= -27; shift -= 2) {
    const uint pair = (shift >= 0 ? radicand >> shift : shift == -1 ? radicand << 1 : 0u) & 3u;
    const uint trial = (root << 2) | 1u;
    rest = (rest << 2) | pair;
    root <<= 1;
    if (rest >= trial) {
      rest -= trial;
      root |= 1u;
    }
  }
  const int half_exponent = (number.exponent - (odd ? 1 : 0)) / 2;
  return uintBitsToFloat(pack(0u, half_exponent, (root << 5) | (rest == 0u ? 0u : 1u)));
}
