// Says whether the set that NOGGIN_FORCE_ISA names runs here; the per_isa tests ask this first. Without a name: the
// best set that this machine executes.
#include "tests/support/kernel_cases.h"

namespace noggin::testing {
namespace {

TEST(ForcedSet, IsTheOneThatIsSelected) {
  const char* variable = std::getenv("NOGGIN_FORCE_ISA");
  const std::string forced = variable == nullptr ? "" : variable;
  const runtime::KernelSetList list = runtime::kernel_sets();
  for (std::size_t i = 0; i < list.count; ++i) {
    const runtime::KernelSetEntry& entry = list.entries[i];
    if (forced.empty() ? !entry.executable : entry.kernels->name != forced) continue;
    if (!entry.executable) GTEST_SKIP() << "not run: this machine cannot execute kernel set " << forced;
    EXPECT_EQ(runtime::select_kernels(), entry.kernels);
    return;
  }
  FAIL() << "NOGGIN_FORCE_ISA names '" << forced << "', which is not built in";
}

}  // namespace
}  // namespace noggin::testing
