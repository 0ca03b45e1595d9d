// What a fresh process has used so far: time since its first line, and pages of memory.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdio>

namespace noggin::start {

class ProcessCost {
 public:
  ProcessCost() : resident_(resident_now()), started_(std::chrono::steady_clock::now()) {}

  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started_).count();
  }
  // Beyond what the process had when it was made: "above an empty process".
  std::size_t resident_bytes() const { return resident_now() - resident_; }

 private:
  static std::size_t resident_now() {
    unsigned long total = 0, resident = 0;
    std::FILE* statm = std::fopen("/proc/self/statm", "r");
    if (statm == nullptr) return 0;
    const bool read = std::fscanf(statm, "%lu %lu", &total, &resident) == 2;
    std::fclose(statm);
    return read ? resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) : 0;
  }

  std::size_t resident_;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace noggin::start
