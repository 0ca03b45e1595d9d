// Constants of spec::exp, erf, tanh and log, in one place because vectorized kernels evaluate the same polynomials. How
// they were found and their errors: NUMERICS.md, "Elementary functions". Plain hexadecimal floats: no compiler rounds
// them.
#pragma once

#include <cstdint>

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

// Below this tanh(x) is x within 2^-27.5 of it.
inline constexpr float kTanhIsIdentity = 0x1p-13F;
// |x| < 1: tanh(x) = x + x * (x * x) * P(x * x), P of degree 6.
inline constexpr float kTanhSmall[] = {-0x1.55553cp-2F, 0x1.110be4p-3F, -0x1.b9623ap-5F, 0x1.6009b6p-6F,
                                       -0x1.0460d8p-7F, 0x1.2da716p-9F, -0x1.77ecc4p-12F};

// x = m * 2^n with m in [sqrt(1/2), sqrt(2)), f = m - 1, s = f / (2 + f), z = s * s: log(m) = f - s * (f - R),
// R = z * (kLog1 + z * (kLog2 + z * kLog3)).
inline constexpr float kLog1 = 0x1.55557ap-1F;
inline constexpr float kLog2 = 0x1.995ed8p-2F;
inline constexpr float kLog3 = 0x1.31e03cp-2F;
inline constexpr std::uint32_t kRootOfHalfBits = 0x3F3504F3;  // of sqrt(1/2) as a binary32

// Above this exp(-x) is finite; below it silu uses another formula.
inline constexpr float kSiluDirect = -88.0F;
// Below this silu is exactly -0.
inline constexpr float kSiluLowest = -112.0F;

}  // namespace noggin::spec
