// Ctrl-C and SIGTERM: the first asks the loop to finish its step and save, the second kills the process.
#pragma once

#include "train/run/failure.h"

namespace noggin::train {

// While an object exists, SIGINT and SIGTERM set a flag instead of killing. At most one object per process.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();  // restores the previous handlers; keeps the flag
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  static bool requested();
  static int signal_number();   // 0: no signal yet
  static ExitCode exit_code();  // kInterrupted or kTerminated; kOk: no signal yet
  static void clear();          // resets the flag (tests)
};

}  // namespace noggin::train
