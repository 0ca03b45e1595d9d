#include "train/run/spin_governor.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace noggin::train {
namespace {

// What a compiler calls for `#pragma omp parallel`.
using Parallel = void (*)(void (*work)(void*), void* data, unsigned threads, unsigned flags);

Parallel gnu_openmp() { return reinterpret_cast<Parallel>(::dlsym(RTLD_DEFAULT, "GOMP_parallel")); }

bool user_has_chosen() { return std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr; }

// While it lives, OpenMP has more threads than this machine has cores.
class IdleThreads {
 public:
  IdleThreads() : keeper_([this] { keep(); }) {}
  ~IdleThreads() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    end_.notify_all();
    keeper_.join();  // OpenMP ends the threads of a team with the thread that made it
  }
  IdleThreads(const IdleThreads&) = delete;
  IdleThreads& operator=(const IdleThreads&) = delete;

 private:
  void keep() {
    gnu_openmp()([](void*) {}, nullptr, std::thread::hardware_concurrency() + 1, 0);
    std::unique_lock lock(mutex_);
    end_.wait(lock, [this] { return ending_; });
  }
  std::mutex mutex_;
  std::condition_variable end_;
  bool ending_ = false;
  std::thread keeper_;
};

}  // namespace

bool SpinPolicy::update(double waiting, double seconds) {
  if (!limited_) {
    since_lifted_ += seconds;
    if (waiting <= kLimitAbove) return false;
    // Lifted too early if it is needed again so soon.
    const bool again = since_lifted_ < quiet_needed_;
    quiet_needed_ = again ? std::min(2.0 * quiet_needed_, kLongestQuiet) : kFirstQuiet;
    quiet_ = 0.0;
    return limited_ = true;
  }
  quiet_ = waiting < kLiftBelow ? quiet_ + seconds : 0.0;
  if (quiet_ < quiet_needed_) return true;
  since_lifted_ = 0.0;
  return limited_ = false;
}

std::optional<std::uint64_t> run_queue_nanoseconds() {
  std::error_code error;
  std::uint64_t sum = 0;
  bool any = false;
  for (std::filesystem::directory_iterator task("/proc/self/task", error), end; !error && task != end;
       task.increment(error)) {
    std::ifstream file(task->path() / "schedstat");
    std::uint64_t running = 0, ready = 0;
    if (!(file >> running >> ready)) continue;  // the thread has ended
    sum += ready;
    any = true;
  }
  if (!any) return std::nullopt;
  return sum;
}

SpinGovernor::SpinGovernor(Counter counter, std::chrono::milliseconds interval) {
  if (user_has_chosen() || gnu_openmp() == nullptr || std::thread::hardware_concurrency() < 2 || !counter()) return;
  watcher_ = std::thread([this, counter = std::move(counter), interval] { watch(counter, interval); });
}

SpinGovernor::~SpinGovernor() {
  if (!watcher_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  end_.notify_all();
  watcher_.join();
}

void SpinGovernor::watch(const Counter& counter, std::chrono::milliseconds interval) {
  using Clock = std::chrono::steady_clock;
  SpinPolicy policy;
  std::optional<IdleThreads> idle;
  std::uint64_t before = counter().value_or(0);
  Clock::time_point looked = Clock::now();
  std::unique_lock lock(mutex_);
  while (!end_.wait_for(lock, interval, [this] { return ending_; })) {
    const std::uint64_t now = counter().value_or(before);
    const std::chrono::duration<double> seconds = Clock::now() - looked;
    looked += std::chrono::duration_cast<Clock::duration>(seconds);
    // Threads that have ended take their count with them.
    const double waiting = now > before ? 1e-9 * static_cast<double>(now - before) / seconds.count() : 0.0;
    before = now;
    const bool limit = policy.update(waiting, seconds.count());
    if (limit && !idle) idle.emplace();
    if (!limit) idle.reset();
  }
}

}  // namespace noggin::train
