// The system calls that the runtime sees in this test program: memory, files and mappings are counted, and any call can
// be made to fail. The definitions, in tests/hostile/failing_calls_test.cpp, replace those of the C library for the
// whole program (under a sanitizer, which must keep malloc, those of operator new).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace noggin::test {

struct Interposed {
  // Resources currently held, and the peak of heap bytes since peak_bytes was last set.
  std::atomic<std::size_t> live_blocks{0}, live_bytes{0}, peak_bytes{0};
  std::atomic<std::size_t> open_files{0}, mappings{0};
  // Calls are numbered from 1 while `armed`; those from first_failing to last_failing fail.
  std::atomic<bool> armed{false};
  std::atomic<std::uint64_t> calls{0};
  std::uint64_t first_failing = 0, last_failing = 0;

  void arm(std::uint64_t first, std::uint64_t last) {
    calls = 0;
    first_failing = first;
    last_failing = last;
    armed = true;
  }
  void disarm() { armed = false; }
};
extern Interposed interposed;

inline constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

}  // namespace noggin::test
