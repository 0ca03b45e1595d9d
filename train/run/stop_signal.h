// Ctrl-C and SIGTERM: the first one asks the loop to finish its step and save, the second one kills.
#pragma once

#include "train/run/failure.h"

namespace noggin::train {

// While one lives, SIGINT and SIGTERM set a flag instead of killing. One at a time per process.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();  // former handlers are back; the flag stays as it is
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  static bool requested();
  static int signal_number();    // 0 when none came
  static ExitCode exit_code();   // kInterrupted or kTerminated; kOk when none came
  static void clear();           // forgets the request (tests)
};

}  // namespace noggin::train
