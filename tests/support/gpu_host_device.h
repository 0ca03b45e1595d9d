// A device of runtime/gpu that runs on the CPU: blocks one after the other, and inside a block each phase thread by
// thread, in a chosen order. If the order changes a result, a kernel reads in a phase what another thread writes in the
// same phase: a race on a GPU.
#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

#include "gpu/kernel.h"
#include "noggin/result.h"

namespace noggin::test {

enum class ThreadOrder { kAscending, kDescending, kScattered };

inline unsigned thread_at(ThreadOrder order, unsigned i, unsigned threads) {
  if (order == ThreadOrder::kDescending) return threads - 1 - i;
  if (order == ThreadOrder::kScattered) return (i * 37 + 5) % threads;  // 37 is prime to every block size here
  return i;
}

template <typename Kernel>
void run_block(const Kernel& kernel, unsigned block, ThreadOrder order) {
  static_assert(Kernel::kThreads % 37 != 0);
  typename Kernel::Shared shared;
  std::memset(static_cast<void*>(&shared), 0x5A, sizeof shared);  // a GPU's shared memory starts as garbage
  std::vector<typename Kernel::State> states(Kernel::kThreads);
  const unsigned phases = kernel.phases(block);
  for (unsigned phase = 0; phase < phases; ++phase) {
    for (unsigned i = 0; i < Kernel::kThreads; ++i) {
      const unsigned thread = thread_at(order, i, Kernel::kThreads);
      kernel.phase(phase, {block, thread}, states[thread], shared);
    }
  }
}

class HostDevice {
 public:
  explicit HostDevice(ThreadOrder order = ThreadOrder::kAscending, bool has_tensor_cores = true)
      : order_(order), has_tensor_cores_(has_tensor_cores) {}
  bool has_tensor_cores() const { return has_tensor_cores_; }

  Status upload(void* to, const void* from, std::size_t bytes) {
    std::memcpy(to, from, bytes);
    return {};
  }
  Status download(void* to, const void* from, std::size_t bytes) { return upload(to, from, bytes); }

  template <typename Kernel>
  Status launch(const Kernel& kernel) {
    ++launches_;
    if (launches_ == fail_at_) return Error{ErrorCode::kIo, "made to fail"};
    for (unsigned i = 0; i < kernel.blocks(); ++i) {
      const unsigned block = order_ == ThreadOrder::kDescending ? kernel.blocks() - 1 - i : i;
      run_block(kernel, block, order_);
    }
    return {};
  }

  void fail_at(std::size_t launch) { fail_at_ = launch; }
  std::size_t launches() const { return launches_; }

 private:
  ThreadOrder order_;
  bool has_tensor_cores_;
  std::size_t launches_ = 0, fail_at_ = 0;
};

inline constexpr ThreadOrder kThreadOrders[] = {ThreadOrder::kAscending, ThreadOrder::kDescending,
                                                ThreadOrder::kScattered};

}  // namespace noggin::test
