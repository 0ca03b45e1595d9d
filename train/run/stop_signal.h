// SIGINT, SIGTERM and SIGHUP (streams/signals.h): the first asks the work to end at a point that can be resumed, the
// second kills the process.
#pragma once

#include <string>

#include "train/run/failure.h"

namespace noggin::train {

// While an object exists, these signals set a flag instead of killing; SIGHUP only where it is not ignored. At most one
// object per process.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();  // restores the previous handlers; keeps the flag
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  static bool requested();
  static int signal_number();   // 0: no signal yet
  static ExitCode exit_code();  // 128 + the signal's number; kOk: no signal yet
  // Throws a Failure with exit_code() if a signal has come: "verify was", "Nothing was written" gives "verify was
  // stopped by SIGTERM. Nothing was written".
  static void throw_if_requested(const std::string& what, const std::string& consequence);
  static void clear();  // resets the flag (tests)
};

}  // namespace noggin::train
