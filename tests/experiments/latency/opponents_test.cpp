// The list of ONNX Runtime's variants, and the switch that takes AMX from both sides.
#include "experiments/latency/opponents.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "experiments/latency/peaks.h"
#include "experiments/latency/without_tiles.h"

namespace noggin::latency {
namespace {

TEST(Opponents, NamesTellThemApart) {
  std::set<std::string> names;
  for (const Variant& variant : variants(false)) EXPECT_TRUE(names.insert(variant.name).second) << variant.name;
}

TEST(Opponents, QuickTakesSomeOfAll) {
  std::set<std::string> all;
  for (const Variant& variant : variants(false)) all.insert(variant.name);
  EXPECT_LT(variants(true).size(), all.size());
  for (const Variant& variant : variants(true)) EXPECT_TRUE(all.contains(variant.name)) << variant.name;
}

TEST(Opponents, NoneIsHeldBack) {
  for (const Variant& variant : variants(false)) {
    EXPECT_FALSE(variant.options.exact_products) << variant.name;
    EXPECT_EQ(variant.options.threads, 1) << variant.name;
    const bool informative = variant.name.starts_with("float") || variant.name.starts_with("static");
    EXPECT_EQ(variant.counted, !informative) << variant.name;
    EXPECT_EQ(variant.masked, !variant.file.ends_with("-nomask")) << variant.name;
  }
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

TEST(Opponents, ASetWithoutLoopsHasNoPeaks) { EXPECT_FALSE(measure_peaks("reference")); }

}  // namespace
}  // namespace noggin::latency
