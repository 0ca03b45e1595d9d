#include "streams/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "streams/poll_retry.h"

namespace noggin {
namespace {

constexpr std::size_t kFlushBytes = 1 << 16;

}  // namespace

void Output::write(std::string_view text) {
  buffer_ += text;
  settle();
}

void Output::settle() {
  if (buffer_.size() >= kFlushBytes) flush();
}

void Output::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && usable()) {
    const ssize_t count =
        retry_when_ready(descriptor_, POLLOUT, [&] { return ::write(descriptor_, rest.data(), rest.size()); });
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EPIPE) {
      reader_left_ = true;
    } else {
      status_ = Error{ErrorCode::kIo, std::string("standard output: cannot be written: ") + std::strerror(errno)};
    }
  }
  buffer_.clear();
}

}  // namespace noggin
