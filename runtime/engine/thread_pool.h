// Threads that work on one call together: the caller and helpers that sleep between calls.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "noggin/result.h"

namespace noggin::runtime {

inline constexpr std::size_t kMaxThreads = 64;

// `size` members; the caller of run() is member 0. Cannot be copied or moved. One run() at a time. In a forked child
// the helpers do not exist: from its first run() on, the pool has the caller alone.
class ThreadPool {
 public:
  // 1 <= size <= kMaxThreads. kOutOfSpace if the system grants no more threads. A pool of one starts none.
  static Result<std::unique_ptr<ThreadPool>> create(std::size_t size);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  std::size_t size() const { return helpers_ == nullptr ? 1 : helpers_->size() + 1; }

  // Calls work(member) on every member at once and returns when all have finished. `work` must not throw. Calling it
  // allocates nothing.
  template <typename Work>
  void run(const Work& work) {
    run_erased([](const void* w, std::size_t member) { (*static_cast<const Work*>(w))(member); }, &work);
  }

  // A barrier, only to be called from `work`: waits until every member has arrived. All then see what each wrote
  // before.
  void barrier();

 private:
  using Erased = void (*)(const void* work, std::size_t member);
  ThreadPool() = default;
  void run_erased(Erased call, const void* work);
  void help(std::size_t member);

  void forget_helpers_of_parent();

  std::unique_ptr<std::vector<std::thread>> helpers_;  // null: none
  long process_ = 0;                                   // its id, of the one that started them
  Erased call_ = nullptr;
  const void* work_ = nullptr;
  std::atomic<std::uint32_t> task_{0};        // counts run()s; helpers wait for it to change
  std::atomic<std::uint32_t> arrived_{0};     // at the barrier
  std::atomic<std::uint32_t> generation_{0};  // counts barriers
  std::atomic<bool> over_{false};
};

}  // namespace noggin::runtime
