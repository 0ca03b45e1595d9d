// How the trainer and the exporter fail: an exception that carries the exit code of the command line.
#pragma once

#include <stdexcept>
#include <string>

#include "noggin/result.h"

namespace noggin::train {

// Exit codes of `noggin`, the same for every verb.
enum class ExitCode {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kBadData = 3,
  kOutput = 4,
  kGate = 5,
  kOutOfSpace = 6,
  kInterrupted = 130,
  kTerminated = 143,
};

class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  explicit Failure(const Error& error) : Failure(exit_code_of(error.code), error.message) {}

  ExitCode code() const { return code_; }

  static ExitCode exit_code_of(ErrorCode code) {
    switch (code) {
      case ErrorCode::kBadData:
      case ErrorCode::kCorrupt:
      case ErrorCode::kNotFound:
      case ErrorCode::kUnsupported:
        return ExitCode::kBadData;
      case ErrorCode::kExists:
      case ErrorCode::kIo:
        return ExitCode::kOutput;
      case ErrorCode::kOutOfSpace:
        return ExitCode::kOutOfSpace;
      case ErrorCode::kInvalidArgument:
        return ExitCode::kUsage;
    }
    return ExitCode::kFailure;
  }

 private:
  ExitCode code_;
};

// Returns the value of a Result, or throws its error as a Failure.
template <typename T>
T value_or_throw(Result<T> result) {
  if (!result) throw Failure(result.error());
  return *std::move(result);
}
inline void throw_unless_ok(const Status& status) {
  if (!status) throw Failure(status.error());
}

}  // namespace noggin::train
