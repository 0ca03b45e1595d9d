// Says whether sessions run the set that NOGGIN_FORCE_ISA names; the per_isa tests ask this first. Without a name: the
// best set that this machine executes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/support/engine_model.h"

namespace noggin {
namespace {

TEST(ForcedSet, IsTheOneThatSessionsRun) {
  const char* variable = std::getenv("NOGGIN_FORCE_ISA");
  const std::string forced = variable == nullptr ? "" : variable;
  const std::string expected = forced.empty() ? test::executable_kernel_sets().front() : forced;
  const runtime::KernelSetList list = runtime::kernel_sets();
  for (std::size_t i = 0; i < list.count; ++i) {
    if (list.entries[i].kernels->name == expected && !list.entries[i].executable) {
      GTEST_SKIP() << "not run: this machine cannot execute kernel set " << expected;
    }
  }
  const test::OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 17));
  Result<Session> session = Session::create(open.model);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->kernel_set(), expected);
  EXPECT_EQ(session->self_test().failed, 0U);  // the reference made those logits
}

}  // namespace
}  // namespace noggin
