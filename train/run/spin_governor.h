// Waiting beside other programs. The threads of one step (OpenMP's, under LibTorch) wait for each other by spinning for
// about ten milliseconds, which is fastest on an idle machine. Beside another busy program a spinning thread occupies
// the core that the thread it waits for needs, and a step takes twenty times as long.
//
// GNU's OpenMP spins for a very short time only when it has more threads than there are cores (its manual,
// GOMP_SPINCOUNT). The governor makes it so while this process's threads often wait for a core: it keeps idle OpenMP
// threads. Nothing is computed on them; no bit of any result changes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace noggin::train {

// When to limit spinning; a function of what is observed, without threads and clocks.
class SpinPolicy {
 public:
  // waiting: seconds that threads of this process were ready to run and had no core, per second, over the last
  // `seconds`. Returns whether spinning is to be limited from now on. The limit itself shortens the waiting, so it is
  // lifted only after a while without, twice as long after each time that proved wrong.
  bool update(double waiting, double seconds);

  static constexpr double kLimitAbove = 0.2, kLiftBelow = 0.05;
  static constexpr double kFirstQuiet = 5.0, kLongestQuiet = 320.0;  // seconds

 private:
  bool limited_ = false;
  double quiet_needed_ = kFirstQuiet, quiet_ = 0.0, since_lifted_ = kLongestQuiet;
};

// Nanoseconds that the live threads of this process have been ready to run without a core (Linux, schedstat; nullopt
// where the kernel does not count them).
std::optional<std::uint64_t> run_queue_nanoseconds();

class SpinGovernor {
 public:
  using Counter = std::function<std::optional<std::uint64_t>()>;

  // Looks twice a second, on a thread of its own. Does nothing where OMP_WAIT_POLICY or GOMP_SPINCOUNT is set, because
  // then the user has chosen, where the program has no GNU OpenMP, and where `counter` gives nothing.
  explicit SpinGovernor(Counter counter = run_queue_nanoseconds,
                        std::chrono::milliseconds interval = std::chrono::milliseconds(500));
  ~SpinGovernor();
  SpinGovernor(const SpinGovernor&) = delete;
  SpinGovernor& operator=(const SpinGovernor&) = delete;

  bool active() const { return watcher_.joinable(); }

 private:
  void watch(const Counter& counter, std::chrono::milliseconds interval);

  std::mutex mutex_;
  std::condition_variable end_;
  bool ending_ = false;
  std::thread watcher_;
};

}  // namespace noggin::train
