// The elementary functions: golden bits, special values, and worst errors over a strided part of all inputs. The
// figures of NUMERICS.md come from the full sweep (worst_error.cpp); these bounds must contain them.
#include "spec/formulas.h"

#include <gtest/gtest.h>

#include "spec/quant.h"
#include "tests/support/kernel_formula_error.h"

namespace noggin::testing {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr std::uint64_t kAll = 1ULL << 32;
constexpr double kTanhError = 1.135, kSiluError = 2.986, kLogError = 0.955, kSigmoidError = 2.402;  // ulp; NUMERICS.md
constexpr std::uint64_t kStride = 1009;  // a prime: every exponent and sign is met

std::uint32_t bits(float x) { return std::bit_cast<std::uint32_t>(x); }

TEST(Exp, SpecialValues) {
  EXPECT_EQ(spec::exp(0.0F), 1.0F);
  EXPECT_EQ(spec::exp(-0.0F), 1.0F);
  EXPECT_EQ(spec::exp(kInfinity), kInfinity);
  EXPECT_EQ(bits(spec::exp(-kInfinity)), bits(0.0F));
  EXPECT_TRUE(std::isnan(spec::exp(kNaN)));
  EXPECT_EQ(spec::exp(89.0F), kInfinity);
  EXPECT_EQ(spec::exp(3e38F), kInfinity);
  EXPECT_LT(spec::exp(88.722F), kInfinity);
  EXPECT_EQ(spec::exp(-103.97F), 0x1p-149F);
  EXPECT_EQ(bits(spec::exp(-104.0F)), bits(0.0F));
  EXPECT_EQ(bits(spec::exp(-3e38F)), bits(0.0F));
}

TEST(Exp, IsWithinItsStatedError) {
  const WorstError worst = worst_exp_error(0, kAll, kStride);
  EXPECT_LE(worst.error, 1.002) << "at " << worst.input;
}

// Softmax weights must not exceed 1, whatever the rounding.
TEST(Exp, IsAtMostOneBelowZero) {
  for (std::uint64_t pattern = bits(-0.0F); pattern <= bits(-kInfinity); pattern += 101) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(pattern));
    const float e = spec::exp(x);
    ASSERT_TRUE(e >= 0.0F && e <= 1.0F) << x;
  }
}

TEST(Erf, SpecialValues) {
  EXPECT_EQ(bits(spec::erf(0.0F)), bits(0.0F));
  EXPECT_EQ(bits(spec::erf(-0.0F)), bits(-0.0F));
  EXPECT_EQ(spec::erf(kInfinity), 1.0F);
  EXPECT_EQ(spec::erf(-kInfinity), -1.0F);
  EXPECT_EQ(spec::erf(4.0F), 1.0F);
  EXPECT_TRUE(std::isnan(spec::erf(kNaN)));
}

TEST(Erf, IsWithinItsStatedErrorAndOdd) {
  const WorstError worst = worst_erf_error(0, kAll, kStride);
  EXPECT_LE(worst.error, 1.47) << "at " << worst.input;
  for (std::uint64_t pattern = 0; pattern < bits(kInfinity); pattern += 65537) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(pattern));
    ASSERT_EQ(bits(spec::erf(-x)), bits(-spec::erf(x))) << x;
    ASSERT_LE(spec::erf(x), 1.0F) << x;
  }
}

TEST(Gelu, SpecialValues) {
  EXPECT_EQ(bits(spec::gelu(0.0F)), bits(0.0F));
  EXPECT_EQ(bits(spec::gelu(-0.0F)), bits(-0.0F));
  EXPECT_EQ(spec::gelu(kInfinity), kInfinity);
  EXPECT_EQ(bits(spec::gelu(-kInfinity)), bits(-0.0F));
  EXPECT_EQ(bits(spec::gelu(-9.0F)), bits(-0.0F));
  EXPECT_EQ(spec::gelu(10.0F), 10.0F);
  EXPECT_TRUE(std::isnan(spec::gelu(kNaN)));
}

TEST(Gelu, IsWithinItsStatedError) {
  const WorstError worst = worst_gelu_error(0, kAll, kStride);
  EXPECT_LE(worst.error, 1.14e-7) << "at " << worst.input;
}

TEST(Tanh, SpecialValues) {
  EXPECT_EQ(bits(spec::tanh(0.0F)), bits(0.0F));
  EXPECT_EQ(bits(spec::tanh(-0.0F)), bits(-0.0F));
  EXPECT_EQ(spec::tanh(kInfinity), 1.0F);
  EXPECT_EQ(spec::tanh(-kInfinity), -1.0F);
  EXPECT_EQ(spec::tanh(3e38F), 1.0F);
  EXPECT_EQ(spec::tanh(1e-45F), 1e-45F);
  EXPECT_TRUE(std::isnan(spec::tanh(kNaN)));
}

TEST(Tanh, IsWithinItsStatedErrorAndOdd) {
  const WorstError worst = worst_tanh_error(0, kAll, kStride);
  EXPECT_LE(worst.error, kTanhError) << "at " << worst.input;
  for (std::uint64_t pattern = 0; pattern < bits(kInfinity); pattern += 65537) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(pattern));
    ASSERT_EQ(bits(spec::tanh(-x)), bits(-spec::tanh(x))) << x;
    ASSERT_LE(spec::tanh(x), 1.0F) << x;
  }
}

TEST(Silu, SpecialValues) {
  EXPECT_EQ(bits(spec::silu(0.0F)), bits(0.0F));
  EXPECT_EQ(bits(spec::silu(-0.0F)), bits(-0.0F));
  EXPECT_EQ(spec::silu(kInfinity), kInfinity);
  EXPECT_EQ(bits(spec::silu(-kInfinity)), bits(-0.0F));
  EXPECT_EQ(bits(spec::silu(-112.0F)), bits(-0.0F));
  EXPECT_LT(spec::silu(-107.0F), 0.0F);  // a subnormal
  EXPECT_EQ(spec::silu(40.0F), 40.0F);
  EXPECT_TRUE(std::isnan(spec::silu(kNaN)));
}

TEST(Silu, IsWithinItsStatedError) {
  const WorstError worst = worst_silu_error(0, kAll, kStride);
  EXPECT_LE(worst.error, kSiluError) << "at " << worst.input;
}

TEST(Sigmoid, SpecialValues) {
  EXPECT_EQ(spec::sigmoid(0.0F), 0.5F);
  EXPECT_EQ(spec::sigmoid(-0.0F), 0.5F);
  EXPECT_EQ(spec::sigmoid(kInfinity), 1.0F);
  EXPECT_EQ(bits(spec::sigmoid(-kInfinity)), bits(0.0F));
  EXPECT_EQ(spec::sigmoid(17.5F), 1.0F);
  EXPECT_GT(spec::sigmoid(-103.0F), 0.0F);  // a subnormal
  EXPECT_TRUE(std::isnan(spec::sigmoid(kNaN)));
}

TEST(Sigmoid, IsWithinItsStatedErrorAndNeverBeyondOne) {
  const WorstError worst = worst_sigmoid_error(0, kAll, kStride);
  EXPECT_LE(worst.error, kSigmoidError) << "at " << worst.input;
  for (std::uint64_t pattern = 0; pattern < bits(kInfinity); pattern += 65537) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(pattern));
    ASSERT_LE(spec::sigmoid(x), 1.0F) << x;
    ASSERT_LE(spec::sigmoid(-x), 0.5F) << x;
  }
}

TEST(Log, SpecialValues) {
  EXPECT_EQ(bits(spec::log(1.0F)), bits(0.0F));
  EXPECT_EQ(spec::log(0.0F), -kInfinity);
  EXPECT_EQ(spec::log(-0.0F), -kInfinity);
  EXPECT_EQ(spec::log(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(spec::log(-1e-45F)));
  EXPECT_TRUE(std::isnan(spec::log(-kInfinity)));
  EXPECT_TRUE(std::isnan(spec::log(kNaN)));
}

TEST(Log, IsWithinItsStatedError) {
  const WorstError worst = worst_log_error(0, kAll, kStride);
  EXPECT_LE(worst.error, kLogError) << "at " << worst.input;
}

// The bits of numerics version 1. A change here needs a new kNumericsVersion.
TEST(Formulas, GoldenBits) {
  const struct {
    float (*formula)(float);
    float x;
    std::uint32_t want;
  } golden[] = {
      {spec::exp, -0x1.9p+6F, 0x0000001B},       {spec::exp, -0x1.5ep+6F, 0x006CB2BC},
      {spec::exp, -0x1.48p+3F, 0x38144CD4},      {spec::exp, -0x1p+0F, 0x3EBC5AB2},
      {spec::exp, -0x1.333334p-2F, 0x3F3DA643},  {spec::exp, 0x1.99999ap-4F, 0x3F8D763E},
      {spec::exp, 0x1p+0F, 0x402DF854},          {spec::exp, 0x1.4b3334p+4F, 0x4E68EF8F},
      {spec::exp, 0x1.6p+6F, 0x7EF882B7},        {spec::erf, 0x1.16c2p-133F, 0x00013A8B},
      {spec::erf, 0x1p-2F, 0x3E8D7AA7},          {spec::erf, 0x1.f0a3d8p-1F, 0x3F547261},
      {spec::erf, 0x1.07ae14p+0F, 0x3F5AD323},   {spec::erf, -0x1.19999ap+1F, 0xBF7F85EB},
      {spec::erf, 0x1.d9999ap+1F, 0x3F7FFFFD},   {spec::gelu, -0x1.533334p+2F, 0xB4A9999A},
      {spec::gelu, -0x1.4p+1F, 0xBC7E5920},      {spec::gelu, -0x1.8p-1F, 0xBE2E0CC0},
      {spec::gelu, 0x1.99999ap-4F, 0x3D5D1D0D},  {spec::gelu, 0x1.666666p+0F, 0x3FA4BA79},
      {spec::gelu, 0x1.8p+2F, 0x40C00000},       {spec::tanh, 0x1.16c2p-133F, 0x000116C2},
      {spec::tanh, -0x1p-2F, 0xBE7ACBF5},        {spec::tanh, 0x1.f0a3d8p-1F, 0x3F3FAB16},
      {spec::tanh, 0x1.07ae14p+0F, 0x3F461EDB},  {spec::tanh, -0x1.19999ap+1F, 0xBF79CA4D},
      {spec::tanh, 0x1.1d999ap+3F, 0x3F7FFFFF},  {spec::silu, -0x1.a4p+6F, 0x80000013},
      {spec::silu, -0x1.65p+6F, 0x8252BABB},     {spec::silu, -0x1.4p+1F, 0xBE42326B},
      {spec::silu, -0x1.8p-1F, 0xBE766408},      {spec::silu, 0x1.99999ap-4F, 0x3D57080F},
      {spec::silu, 0x1.666666p+3F, 0x41333292},  {spec::log, 0x1.16c2p-133F, 0xC2B834F2},
      {spec::log, 0x1.4p-10F, 0xC0D6AAA0},       {spec::log, 0x1.7238fap+0F, 0x3EBCE3FC},
      {spec::log, 0x1.fffffep-1F, 0xB3800000},   {spec::log, 0x1.8p+1F, 0x3F8C9F54},
      {spec::log, 0x1.fffffep+127F, 0x42B17218},
  };
  for (const auto& g : golden) EXPECT_EQ(bits(g.formula(g.x)), g.want) << g.x;
}

TEST(AttentionScoreScale, MultipliesThenDividesByTheRoot) {
  const float product = 0.013F * 0.027F;
  EXPECT_EQ(bits(spec::attention_score_scale(0.013F, 0.027F, 32)), bits(product / std::sqrt(32.0F)));
}

TEST(AttentionExponent, RoundsToSevenBits) {
  EXPECT_EQ(spec::attention_exponent(0, 1e-3F), 127);
  EXPECT_EQ(spec::attention_exponent(-1000, 1e-3F), 47);  // 127 / e = 46.72
  EXPECT_EQ(spec::attention_exponent(-5000, 1e-3F), 1);   // 0.856
  EXPECT_EQ(spec::attention_exponent(-6000, 1e-3F), 0);   // 0.315
  EXPECT_EQ(spec::attention_exponent(-8388608, 3e38F), 0);
  EXPECT_EQ(spec::attention_exponent(-8388608, 1e-40F), 127);
}

TEST(GeluTable, HoldsTheQuantizedGeluOfEveryInput) {
  std::int8_t table[spec::kGeluTableSize];
  spec::fill_gelu_table(0.04F, 0.03F, table);
  for (int q = -128; q <= 127; ++q) {
    const double y = true_gelu(q * double{0.04F}) / double{0.03F};
    ASSERT_NEAR(table[q + 128], std::min(127.0, y), 0.5001) << q;
  }
}

}  // namespace
}  // namespace noggin::testing
