// How the trainer and the exporter fail: an exception that carries the exit code of the command line.
#pragma once

#include <stdexcept>
#include <string>

#include "bytes/exit_code.h"
#include "noggin/result.h"

namespace noggin::train {

using noggin::ExitCode;

class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  explicit Failure(const Error& error) : Failure(exit_code_of(error.code), error.message) {}

  // Of writing a file: the output is at fault, not the input.
  static Failure of_writing(const Error& error) { return {exit_code_of_writing(error.code), error.message}; }

  ExitCode code() const { return code_; }

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
inline void throw_unless_written(const Status& status) {
  if (!status) throw Failure::of_writing(status.error());
}

}  // namespace noggin::train
