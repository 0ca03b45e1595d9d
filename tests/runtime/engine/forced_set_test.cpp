// Says whether sessions run the set that NOGGIN_FORCE_ISA names; the per_isa tests ask this first.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/engine_model.h"

namespace noggin {
namespace {

TEST(ForcedSet, IsTheOneThatSessionsRun) {
  const char* forced = std::getenv("NOGGIN_FORCE_ISA");
  if (forced == nullptr || forced[0] == '\0') GTEST_SKIP() << "not run: NOGGIN_FORCE_ISA names no set";
  const runtime::KernelSetList list = runtime::kernel_sets();
  for (std::size_t i = 0; i < list.count; ++i) {
    if (std::string(list.entries[i].kernels->name) == forced && !list.entries[i].executable) {
      GTEST_SKIP() << "not run: this machine cannot execute kernel set " << forced;
    }
  }
  const test::OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 17));
  Result<Session> session = Session::create(open.model);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_STREQ(session->kernel_set(), forced);
  EXPECT_EQ(session->self_test().failed, 0U);  // the reference made those logits
}

}  // namespace
}  // namespace noggin
