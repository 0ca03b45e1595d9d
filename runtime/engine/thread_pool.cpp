#include "engine/thread_pool.h"

#include <unistd.h>

#include <system_error>

namespace noggin::runtime {
namespace {

// Meetings within a call are microseconds apart, less than it takes to sleep and wake up; calls may be hours apart.
constexpr int kSpins = 4000;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits until `value` is no longer `old`: first spinning, then asleep.
void wait_for_change(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
  for (int spin = 0; spin < kSpins; ++spin) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause_briefly();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(std::size_t size) {
  std::unique_ptr<ThreadPool> thread_pool(new ThreadPool);
  if (size == 1) return thread_pool;
  thread_pool->process_ = getpid();
  thread_pool->helpers_ = std::make_unique<std::vector<std::thread>>();
  thread_pool->helpers_->reserve(size - 1);
  try {
    for (std::size_t member = 1; member < size; ++member) {
      thread_pool->helpers_->emplace_back([t = thread_pool.get(), member] { t->help(member); });
    }
  } catch (const std::system_error&) {  // the destructor stops those that did start
    return Error{ErrorCode::kOutOfSpace,
                 "session: the system cannot start more threads. Request fewer, or raise the limit on processes"};
  }
  return thread_pool;
}

// Their objects can be neither joined nor destroyed in the child, so they stay in memory.
void ThreadPool::forget_helpers_of_parent() {
  if (helpers_ != nullptr && process_ != getpid()) (void)helpers_.release();
}

ThreadPool::~ThreadPool() {
  forget_helpers_of_parent();
  if (helpers_ == nullptr) return;
  over_.store(true, std::memory_order_relaxed);
  task_.fetch_add(1, std::memory_order_release);
  task_.notify_all();
  for (std::thread& helper : *helpers_) helper.join();
}

void ThreadPool::run_erased(Erased call, const void* work) {
  forget_helpers_of_parent();
  if (helpers_ == nullptr) return call(work, 0);
  call_ = call;
  work_ = work;
  task_.fetch_add(1, std::memory_order_release);
  task_.notify_all();
  call(work, 0);
  barrier();
}

void ThreadPool::help(std::size_t member) {
  for (std::uint32_t done = 0;; ++done) {
    wait_for_change(task_, done);
    if (over_.load(std::memory_order_relaxed)) return;
    call_(work_, member);
    barrier();
  }
}

void ThreadPool::barrier() {
  if (helpers_ == nullptr) return;
  const std::uint32_t generation =
      generation_.load(std::memory_order_relaxed);  // cannot change before all have arrived
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size()) {
    arrived_.store(0, std::memory_order_relaxed);
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
  } else {
    wait_for_change(generation_, generation);
  }
}

}  // namespace noggin::runtime
