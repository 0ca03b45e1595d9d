// Says whether the set that NOGGIN_FORCE_ISA names runs here; the per_isa tests ask this first.
#include "tests/support/kernel_cases.h"

namespace noggin::testing {
namespace {

TEST(ForcedSet, IsTheOneThatIsSelected) {
  const char* forced = std::getenv("NOGGIN_FORCE_ISA");
  if (forced == nullptr || forced[0] == '\0') GTEST_SKIP() << "not run: NOGGIN_FORCE_ISA names no set";
  const runtime::KernelSet* selected = runtime::select_kernels();
  const runtime::KernelSetList list = runtime::kernel_sets();
  for (std::size_t i = 0; i < list.count; ++i) {
    if (std::string(list.entries[i].kernels->name) != forced) continue;
    if (!list.entries[i].executable) GTEST_SKIP() << "not run: this machine cannot execute kernel set " << forced;
    ASSERT_NE(selected, nullptr);
    EXPECT_STREQ(selected->name, forced);
    EXPECT_EQ(selected, list.entries[i].kernels);
    return;
  }
  FAIL() << "NOGGIN_FORCE_ISA names '" << forced << "', which is not built in";
}

}  // namespace
}  // namespace noggin::testing
