// Which set runs: the list, the choice by name, the choice by environment, and that the forced one really is another.
#include "kernels/cpu_features.h"
#include "tests/support/kernel_cases.h"

namespace noggin::testing {
namespace {

// Sets an environment variable for one test.
class ForcedIsa {
 public:
  explicit ForcedIsa(const char* name) {
    if (const char* before = std::getenv(kVariable)) before_ = before, was_set_ = true;
    ::setenv(kVariable, name, 1);
  }
  ~ForcedIsa() {
    if (was_set_) {
      ::setenv(kVariable, before_.c_str(), 1);
    } else {
      ::unsetenv(kVariable);
    }
  }

 private:
  static constexpr const char* kVariable = "NOGGIN_FORCE_ISA";
  std::string before_;
  bool was_set_ = false;
};

TEST(KernelSets, EndWithTheReferenceAndHaveDistinctNames) {
  const runtime::KernelSetList list = runtime::kernel_sets();
  ASSERT_GE(list.count, 1U);
  EXPECT_EQ(list.entries[list.count - 1].kernels, &runtime::reference_kernels());
  EXPECT_TRUE(list.entries[list.count - 1].executable);
  for (std::size_t i = 0; i < list.count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_STRNE(list.entries[i].kernels->name, list.entries[j].kernels->name);
    }
  }
}

TEST(KernelSets, AreFoundByNameOnlyWhereExecutable) {
  const runtime::KernelSetList list = runtime::kernel_sets();
  for (std::size_t i = 0; i < list.count; ++i) {
    const runtime::KernelSetEntry& entry = list.entries[i];
    EXPECT_EQ(runtime::find_kernels(entry.kernels->name), entry.executable ? entry.kernels : nullptr);
  }
  EXPECT_EQ(runtime::find_kernels("avx1024"), nullptr);
  EXPECT_EQ(runtime::find_kernels(""), nullptr);
}

TEST(SelectKernels, TakesTheBestExecutableSetWhenNothingIsForced) {
  const ForcedIsa nothing("");
  const runtime::KernelSetList list = runtime::kernel_sets();
  std::size_t best = 0;
  while (!list.entries[best].executable) ++best;
  EXPECT_EQ(runtime::select_kernels(), list.entries[best].kernels);
}

TEST(SelectKernels, ObeysTheEnvironmentForEverySet) {
  const runtime::KernelSetList list = runtime::kernel_sets();
  for (std::size_t i = 0; i < list.count; ++i) {
    const runtime::KernelSetEntry& entry = list.entries[i];
    const ForcedIsa forced(entry.kernels->name);
    const runtime::KernelSet* selected = runtime::select_kernels();
    if (!entry.executable) {
      EXPECT_EQ(selected, nullptr) << entry.kernels->name;
      continue;
    }
    ASSERT_EQ(selected, entry.kernels);
    if (selected != &runtime::reference_kernels()) {
      EXPECT_NE(selected->linear, runtime::reference_kernels().linear) << selected->name << " runs the reference";
    }
  }
}

TEST(SelectKernels, GivesNullForAnUnknownName) {
  const ForcedIsa forced("nonsense");
  EXPECT_EQ(runtime::select_kernels(), nullptr);
}

#if defined(__x86_64__)
TEST(CpuFeatures, AgreeWithTheCompilersOwnQuestion) {
  __builtin_cpu_init();
  const runtime::CpuFeatures features = runtime::cpu_features();
  EXPECT_EQ(features.avx2, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
  EXPECT_EQ(features.avx512_vnni, __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                                      __builtin_cpu_supports("avx512vnni"));
}
#endif

}  // namespace
}  // namespace noggin::testing
