// The exit codes of noggin-run. The same numbers as the trainer's `noggin`.
#pragma once

#include "noggin/result.h"

namespace noggin::run_tool {

enum ExitCode : int {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kBadInput = 3,
  kOutputFailed = 4,
  kVerificationFailed = 5,
  kOutOfMemory = 6,
};

inline ExitCode exit_code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      return kUsage;
    case ErrorCode::kNotFound:
    case ErrorCode::kIo:
    case ErrorCode::kCorrupt:
    case ErrorCode::kUnsupported:
    case ErrorCode::kBadData:
      return kBadInput;
    case ErrorCode::kExists:
      return kOutputFailed;
    case ErrorCode::kOutOfSpace:
      return kOutOfMemory;
  }
  return kFailure;
}

}  // namespace noggin::run_tool
