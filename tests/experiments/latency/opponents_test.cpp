// The list of ONNX Runtime's variants, and the switch that takes AMX from both sides.
#include "experiments/latency/opponents.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "experiments/latency/contest.h"
#include "experiments/latency/peak_loops.h"
#include "experiments/latency/peaks.h"
#include "experiments/latency/without_tiles.h"

namespace noggin::latency {
namespace {

TEST(Opponents, NamesTellThemApart) {
  std::set<std::string> names;
  for (const Variant& variant : variants(false, false)) EXPECT_TRUE(names.insert(variant.name).second) << variant.name;
}

TEST(Opponents, QuickTakesSomeOfAll) {
  std::set<std::string> all;
  for (const Variant& variant : variants(false, false)) all.insert(variant.name);
  EXPECT_LT(variants(true, false).size(), all.size());
  for (const Variant& variant : variants(true, false)) EXPECT_TRUE(all.contains(variant.name)) << variant.name;
}

TEST(Opponents, NoneIsHeldBack) {
  for (const Variant& variant : variants(false, false)) {
    EXPECT_FALSE(variant.options.exact_products) << variant.name;
    EXPECT_EQ(variant.options.threads, 1) << variant.name;
    const bool informative = variant.name.starts_with("float") || variant.name.starts_with("static");
    EXPECT_EQ(variant.counted, !informative) << variant.name;
    EXPECT_EQ(variant.masked, !variant.file.ends_with("-nomask")) << variant.name;
  }
}

TEST(Opponents, AllAreExactOnRequest) {
  for (const bool quick : {false, true})
    for (const Variant& variant : variants(quick, true)) EXPECT_TRUE(variant.options.exact_products) << variant.name;
}

#if defined(__x86_64__)
TEST(Opponents, WithoutTilesTheSystemRefusesThem) {
  if (Status status = forbid_tiles(); !status) GTEST_SKIP() << "not run: " << status.error().message;
  errno = 0;
  EXPECT_EQ(syscall(SYS_arch_prctl, 0x1023, 18), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_FALSE(measure_peaks("avx512_amx"));
}
#endif

#if defined(__x86_64__)
// Subnormal numbers left in the registers by somebody made additions twenty times as slow.
TEST(Opponents, PeaksDoNotDependOnWhatTheRegistersHold) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "not run: no AVX2 here";
  const PeakLoop loop = peak_loops("avx2")->floats;
  const float ordinary = 1.0F, subnormal = 1e-40F;
  const auto time_after = [&](const float& left_behind) {
    return time_block({"",
                       [&] {
                         asm volatile(
                             "vbroadcastss %0, %%ymm0\n\tvmovaps %%ymm0, %%ymm1\n\tvmovaps %%ymm0, %%ymm3\n\t"
                             "vmovaps %%ymm0, %%ymm5\n\tvmovaps %%ymm0, %%ymm7\n\t" ::"m"(left_behind)
                             : "xmm0", "xmm1", "xmm3", "xmm5", "xmm7");
                         loop.run(2000);
                       }},
                      2000.0);
  };
  EXPECT_LT(time_after(subnormal), 3.0 * time_after(ordinary));
}
#endif

TEST(Opponents, ASetWithoutLoopsHasNoPeaks) { EXPECT_FALSE(measure_peaks("reference")); }

}  // namespace
}  // namespace noggin::latency
