// One writer for each run directory: a lock on the file run.lock in it, which also says who holds it. The operating
// system releases the lock however its holder ends, even by a power failure; the file stays and marks the folder as a
// run directory from its first moment on.
#pragma once

#include <string>

namespace noggin::train {

class RunLock {
 public:
  // Locks an existing folder for this process and writes into the file: command line verb, process, host and time.
  // Throws Failure (kOutput) if another process holds it, on this machine or, where the file system passes locks on
  // (NFS does), on another; the message names the holder. Also if the file cannot be written.
  RunLock(const std::string& folder, const std::string& verb);
  ~RunLock();
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;

  // Why this file system has no locks, so that two writers would not notice each other; empty: it has.
  const std::string& obstacle() const { return obstacle_; }

  // Whether a folder holds run.lock.
  static bool marks(const std::string& folder);
  static constexpr const char* kFile = "run.lock";

 private:
  int descriptor_ = -1;
  std::string obstacle_;
};

}  // namespace noggin::train
