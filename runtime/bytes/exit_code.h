// The exit codes of both command-line tools, noggin-run and noggin, and the one mapping from an Error to them.
#pragma once

#include "noggin/result.h"

namespace noggin {

enum class ExitCode : int {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,          // arguments or recipe
  kBadData = 3,        // input is missing, unreadable or wrong
  kOutput = 4,         // output exists or is not writable
  kGate = 5,           // a gate or verification failed
  kOutOfSpace = 6,     // memory or disk
  kHungUp = 129,       // 128 + the signal's number: SIGHUP,
  kInterrupted = 130,  // SIGINT,
  kTerminated = 143,   // SIGTERM
};

constexpr ExitCode exit_code_of_signal(int number) { return static_cast<ExitCode>(128 + number); }

// kIo is an input that cannot be read, as NOGGIN_IO in C. Code that writes a file knows that the file is output, and
// calls exit_code_of_writing().
constexpr ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return ExitCode::kUsage;
    case ErrorCode::kNotFound:
    case ErrorCode::kIo:
    case ErrorCode::kCorrupt:
    case ErrorCode::kUnsupported:
    case ErrorCode::kBadData:
      return ExitCode::kBadData;
    case ErrorCode::kExists:
      return ExitCode::kOutput;
    case ErrorCode::kOutOfSpace:
      return ExitCode::kOutOfSpace;
  }
  return ExitCode::kFailure;
}

// The same for an error of writing a file.
constexpr ExitCode exit_code_of_writing(ErrorCode code) {
  return code == ErrorCode::kIo ? ExitCode::kOutput : exit_code_of(code);
}

}  // namespace noggin
