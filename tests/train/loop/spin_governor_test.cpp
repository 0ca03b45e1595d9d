// The governor in a program with OpenMP, which is LibTorch's.
#include "train/run/spin_governor.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace noggin::train::spin_governor {
namespace {

long threads_now() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
}

// Whether the number of threads becomes what `right` wants, within ten seconds.
template <typename Right>
bool becomes(const Right& right) {
  for (int i = 0; i < 1000; ++i) {
    if (right(threads_now())) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

class Governed : public testing::Test {
 protected:
  Governed() {
    ::unsetenv("OMP_WAIT_POLICY");
    ::unsetenv("GOMP_SPINCOUNT");
    if (std::thread::hardware_concurrency() < 2) skip_ = true;
  }
  bool skip_ = false;
};

TEST_F(Governed, OpenMPHasMoreThreadsThanCoresWhileThereIsNoCoreForOurs) {
  if (skip_) GTEST_SKIP() << "one core: nobody spins";
  const long before = threads_now();
  std::atomic<bool> waiting{true};
  std::atomic<std::uint64_t> nanoseconds{1};
  const auto counter = [&]() -> std::optional<std::uint64_t> {
    return waiting ? nanoseconds += 1'000'000'000 : nanoseconds.load();
  };
  {
    const SpinGovernor governor(counter, std::chrono::milliseconds(5));
    ASSERT_TRUE(governor.active());
    const long cores = static_cast<long>(std::thread::hardware_concurrency());
    // The watcher, the keeper and its team.
    EXPECT_TRUE(becomes([&](long now) { return now >= before + 2 + cores; }));
    waiting = false;
    EXPECT_TRUE(becomes([&](long now) { return now <= before + 1; })) << "lifted after the quiet time";
    waiting = true;
    EXPECT_TRUE(becomes([&](long now) { return now >= before + 2 + cores; }));
  }
  EXPECT_TRUE(becomes([&](long now) { return now <= before; })) << "nothing is left behind";
}

TEST_F(Governed, TheUsersChoiceStays) {
  for (const char* name : {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}) {
    ::setenv(name, name[0] == 'O' ? "ACTIVE" : "1000", 1);
    EXPECT_FALSE(SpinGovernor().active()) << name;
    ::unsetenv(name);
  }
}

}  // namespace
}  // namespace noggin::train::spin_governor
