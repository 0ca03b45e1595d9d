#include "train/run/spin_governor.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

namespace noggin::train {
namespace {

constexpr double kLook = 0.5;

// Feeds the same observation for `seconds`; whether spinning is limited at the end.
bool after(SpinPolicy& policy, double waiting, double seconds) {
  bool limited = false;
  for (double time = 0.0; time < seconds; time += kLook) limited = policy.update(waiting, kLook);
  return limited;
}

TEST(SpinPolicy, AloneNothingIsLimited) {
  SpinPolicy policy;
  EXPECT_FALSE(after(policy, 0.01, 3600.0));
}

TEST(SpinPolicy, LimitsAtOnceBesideABusyProgramAndLiftsWhenItIsGone) {
  SpinPolicy policy;
  EXPECT_TRUE(policy.update(0.6, kLook));
  EXPECT_TRUE(after(policy, 0.3, 100.0)) << "the other program still runs";
  EXPECT_TRUE(after(policy, 0.0, SpinPolicy::kFirstQuiet - kLook)) << "a pause of it is not its end";
  EXPECT_FALSE(policy.update(0.0, kLook));
}

// With the limit nothing waits, although the other program runs: lifting it is a trial that fails.
TEST(SpinPolicy, TriesLessAndLessOftenWhereTheLimitIsNeeded) {
  SpinPolicy policy;
  double limited = 0.0, all = 0.0;
  bool is_limited = false;
  for (; all < 3600.0; all += kLook) {
    is_limited = policy.update(is_limited ? 0.0 : 0.6, kLook);
    if (is_limited) limited += kLook;
  }
  EXPECT_GT(limited / all, 0.98);
  EXPECT_FALSE(after(policy, 0.0, SpinPolicy::kLongestQuiet + kLook)) << "and still notices an idle machine";
}

TEST(SpinPolicy, AnotherProgramLaterIsJudgedAnew) {
  SpinPolicy policy;
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(policy.update(0.6, kLook));
    EXPECT_FALSE(after(policy, 0.0, SpinPolicy::kFirstQuiet + 1.0)) << round;
    EXPECT_FALSE(after(policy, 0.0, 1000.0));
  }
}

TEST(RunQueue, CountsTheTimeWithoutACore) {
  const std::optional<std::uint64_t> before = run_queue_nanoseconds();
  if (!before) GTEST_SKIP() << "this kernel does not count it";
  std::vector<pid_t> others;
  for (long i = 0; i < 2 * ::sysconf(_SC_NPROCESSORS_ONLN); ++i) {
    others.push_back(::fork());
    if (others.back() == 0) {
      for (volatile bool go = true; go;) {
      }
    }
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (std::chrono::steady_clock::now() < end) {
  }
  for (const pid_t other : others) {
    ::kill(other, SIGKILL);
    ::waitpid(other, nullptr, 0);
  }
  EXPECT_GT(*run_queue_nanoseconds() - *before, 50'000'000U) << "of a second in which every core had other work";
}

TEST(SpinGovernor, WithoutOpenMPThereIsNothingToGovern) {
  const SpinGovernor governor;
  EXPECT_FALSE(governor.active());
}

}  // namespace
}  // namespace noggin::train
