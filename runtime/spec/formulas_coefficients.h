// Constants of spec::exp and spec::erf, in one place because vectorised kernels evaluate the same polynomials. How they
// were found and how far they are off: NUMERICS.md, "Elementary functions". Plain hexadecimal floats: no compiler
// rounds them.
#pragma once

namespace noggin::spec {

// exp(x) = 2^n * e^r with n = round_half_even(x * kLog2E), r = (x - n * kLn2High) - n * kLn2Low, |r| <= 0.3466;
// e^r = 1 + (r + (r * r) * (1/2 + r * (kExp3 + r * (kExp4 + r * (kExp5 + r * kExp6))))).
// kLn2High has 15 significant bits, so that n * kLn2High is exact for every n that occurs.
inline constexpr float kLog2E = 0x1.715476p+0F;
inline constexpr float kLn2High = 0x1.62e4p-1F;
inline constexpr float kLn2Low = 0x1.7f7d1cp-20F;
inline constexpr float kExp3 = 0x1.55545cp-3F;
inline constexpr float kExp4 = 0x1.5552e6p-5F;
inline constexpr float kExp5 = 0x1.125e9ep-7F;
inline constexpr float kExp6 = 0x1.700374p-10F;
// Beyond these exp is exactly +infinity and exactly +0; inputs are clamped to them first.
inline constexpr float kExpHighest = 89.0F;
inline constexpr float kExpLowest = -104.0F;

// |x| < 1: erf(x) = x + x * P(x * x), P of degree 6.
inline constexpr float kErfSmall[] = {0x1.06eba8p-3F, -0x1.81273ep-2F,  0x1.ce2ce6p-4F, -0x1.b7f71ap-6F,
                                      0x1.53f224p-8F, -0x1.a3515ep-11F, 0x1.4771fcp-14F};
// 1 <= |x| < kErfOne: erf(|x|) = 1 - exp(-x * x) * Q(1 / (|x| + 2)), Q of degree 5.
inline constexpr float kErfLarge[] = {0x1.d8c54ep-10F, 0x1.0a197cp-1F, 0x1.95c284p+0F,
                                      -0x1.04311ep-1F, 0x1.4592fap+3F, -0x1.d82232p+2F};
// From here on erf rounds to 1.
inline constexpr float kErfOne = 4.0F;

inline constexpr float kInverseSqrt2 = 0x1.6a09e6p-1F;
// Below this gelu is exactly -0.
inline constexpr float kGeluLowest = -8.0F;

}  // namespace noggin::spec
