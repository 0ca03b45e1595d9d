// Memory that was used once costs no page faults when it is used again.
#include "train/loop/process_settings.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace noggin::train {
namespace {

long page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// What a step does: many blocks, large and small, and all of them freed.
constexpr std::size_t kBytes[] = {48U << 20, 4U << 20, 12U << 20, 300U << 10};
void use_memory() {
  std::vector<std::vector<char>> blocks;
  for (const std::size_t bytes : kBytes) blocks.emplace_back(bytes, 'x');
}

TEST(ProcessSettings, FreedMemoryIsUsedAgainWithoutTheKernel) {
#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "another allocator";
#endif
  keep_freed_memory();
  use_memory();
  const long before = page_faults();
  use_memory();
  const long pages = (64L << 20) / sysconf(_SC_PAGESIZE);
  EXPECT_LT(page_faults() - before, pages / 20);
}

}  // namespace
}  // namespace noggin::train
