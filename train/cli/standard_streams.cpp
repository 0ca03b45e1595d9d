#include "train/cli/standard_streams.h"

#include <unistd.h>

namespace noggin::tool {

StandardStreams::StandardStreams()
    : out_(STDOUT_FILENO),
      error_(STDERR_FILENO),
      former_out_(std::cout.rdbuf(&out_)),
      former_error_(std::cerr.rdbuf(&error_)) {}

StandardStreams::~StandardStreams() {
  std::cout.flush();
  std::cerr.flush();
  std::cout.rdbuf(former_out_);
  std::cerr.rdbuf(former_error_);
}

const Status& StandardStreams::results_written() {
  std::cout.flush();
  return out_.output().status();
}

}  // namespace noggin::tool
