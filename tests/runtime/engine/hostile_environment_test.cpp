// A host program may run with flush-to-zero, another rounding mode or trapping exceptions. Answers must not care, and
// the host must get its settings back.
#include <gtest/gtest.h>

#include <cfenv>
#include <utility>
#include <vector>

#include "kernels/float_environment.h"
#include "tests/support/engine_model.h"

namespace noggin {
namespace {

using test::OpenModel;

// Every rounding mode with every way of losing subnormals.
#if defined(__SSE__)
using Control = std::uint32_t;
constexpr Control kMasked = 0x1F80, kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040, kRounding = 0x2000;
std::vector<Control> hostile_controls() {
  std::vector<Control> controls = {0};  // every exception traps: an inexact result would end the process
  for (Control rounding = 0; rounding < 4; ++rounding) {
    for (const Control subnormals : {Control{0}, kFlushToZero, kDenormalsAreZero, kFlushToZero | kDenormalsAreZero}) {
      controls.push_back(kMasked | rounding * kRounding | subnormals);
    }
  }
  return controls;
}
constexpr Control kTowardZeroAndFlush = kMasked | 3 * kRounding | kFlushToZero | kDenormalsAreZero;
Control control() { return _mm_getcsr(); }
void set_control(Control value) { _mm_setcsr(value); }
#elif defined(__aarch64__)
using Control = std::uint64_t;
constexpr Control kRounding = 1U << 22, kFlushToZero = 1U << 24, kDefaultNan = 1U << 25;
std::vector<Control> hostile_controls() {
  std::vector<Control> controls;
  for (Control rounding = 0; rounding < 4; ++rounding) {
    for (const Control other : {Control{0}, kFlushToZero, kDefaultNan, kFlushToZero | kDefaultNan}) {
      controls.push_back(rounding * kRounding | other);
    }
  }
  return controls;
}
constexpr Control kTowardZeroAndFlush = 3 * kRounding | kFlushToZero;
Control control() {
  Control value;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void set_control(Control value) { asm volatile("msr fpcr, %0" : : "r"(value) : "memory"); }
#endif

// Runs `work` under a hostile control register and checks that it is still there afterwards.
template <typename Work>
void under(Control hostile, const Work& work) {
  const Control before = control();
  set_control(hostile);
  work();
  const Control after = control();
  set_control(before);
  EXPECT_EQ(after & ~Control{0x3F}, hostile & ~Control{0x3F});
}

TEST(HostileEnvironment, AnswersAndSettingsStayTheSame) {
  for (const spec::ModelConfig& config : test::odd_configs()) {
    const test::AlignedBytes bytes(test::serialized(test::frozen_model_with_golden(config, 11)));
    Result<Model> calm_model = Model::from_memory(bytes.span());
    ASSERT_TRUE(calm_model);
    for (const std::string& name : test::executable_kernel_sets()) {
      Session calm = *Session::create(*calm_model, name);
      for (const Control hostile : hostile_controls()) {
        for (const std::string& text : test::sample_texts()) {
          const bool tagger = config.pooling == spec::Pooling::kEveryToken;
          const Answer expected = tagger ? Answer{} : *calm.classify(text);
          const std::vector<std::uint32_t> expected_bits = test::bits(*calm.logits(calm.tokenize(text)));
          Answer found{};
          std::vector<std::uint32_t> found_bits;
          under(hostile, [&] {  // opened there too: reciprocals and tables are made on opening
            Result<Model> model = Model::from_memory(bytes.span());
            Session session = *Session::create(*model, name);
            if (!tagger) found = *session.classify(text);
            found_bits = test::bits(*session.logits(session.tokenize(text)));
          });
          EXPECT_EQ(found_bits, expected_bits) << name;
          EXPECT_EQ(found.label, expected.label);
          EXPECT_EQ(std::bit_cast<std::uint32_t>(found.probability),
                    std::bit_cast<std::uint32_t>(expected.probability));
        }
      }
    }
  }
}

TEST(HostileEnvironment, SelfTestPassesUnderIt) {
  const OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 12));
  Session session = *Session::create(open.model);
  SelfTest result;
  under(kTowardZeroAndFlush, [&] { result = session.self_test(); });
  EXPECT_EQ(result.failed, 0U) << result.first_failure;
}

TEST(HostileEnvironment, TheHostsStickyFlagsStayAsTheyWere) {
  const OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 13));
  Session session = *Session::create(open.model);
  for (const int flags : {0, FE_DIVBYZERO}) {
    std::feclearexcept(FE_ALL_EXCEPT);
    std::feraiseexcept(flags);
    ASSERT_TRUE(session.classify("where is my parcel"));  // inexact at every step
    EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT), flags);
  }
  std::feclearexcept(FE_ALL_EXCEPT);
}

// The settings above do change arithmetic here, or the tests above prove nothing.
TEST(HostileEnvironment, WouldChangeResultsWithoutTheGuard) {
  volatile float one = 1.0F, three = 3.0F, tiny = 1e-30F;
  const float calm = one / three;
  float hostile = 0, guarded = 0, flushed = 1, kept = 0;
  under(kTowardZeroAndFlush, [&] {
    hostile = one / three;
    flushed = tiny * 1e-10F;
    const runtime::FloatEnvironment environment;
    guarded = one / three;
    kept = tiny * 1e-10F;
  });
  EXPECT_NE(hostile, calm);
  EXPECT_EQ(flushed, 0.0F);
  EXPECT_EQ(guarded, calm);
  EXPECT_GT(kept, 0.0F);
}

}  // namespace
}  // namespace noggin
