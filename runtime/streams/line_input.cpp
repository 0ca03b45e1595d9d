#include "streams/line_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bytes/byte_order_mark.h"
#include "bytes/line_limit.h"
#include "streams/poll_retry.h"

namespace noggin {
namespace {

constexpr std::size_t kReadBytes = 1 << 16;

}  // namespace

bool LineInput::next(std::string_view& line) {
  std::size_t end;
  while ((end = buffer_.find('\n', scanned_)) == std::string::npos) {
    scanned_ = buffer_.size();
    if (scanned_ - begin_ > kMaxLineBytes) {
      status_ = Error{ErrorCode::kBadData, name_ + ":" + std::to_string(line_number_ + 1) +
                                               ": the line is longer than 64 MiB. Is this a text file with lines?"};
      return false;
    }
    if (!ended_ && fill()) continue;
    if (begin_ == buffer_.size() || !status_) return false;
    end = buffer_.size();
    break;
  }
  line = std::string_view(buffer_).substr(begin_, end - begin_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  begin_ = scanned_ = end < buffer_.size() ? end + 1 : end;
  if (++line_number_ == 1) line = without_byte_order_mark(line);
  return true;
}

// Reads more bytes after the unfinished line; false at the end or on failure.
bool LineInput::fill() {
  if (before_waiting_) before_waiting_();
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  const std::size_t old_size = buffer_.size();
  buffer_.resize(old_size + kReadBytes);
  const ssize_t count =
      retry_when_ready(descriptor_, POLLIN, [&] { return ::read(descriptor_, buffer_.data() + old_size, kReadBytes); });
  if (count < 0) {
    status_ = Error{ErrorCode::kIo, name_ + ": cannot be read: " + std::strerror(errno)};
  }
  buffer_.resize(old_size + static_cast<std::size_t>(count > 0 ? count : 0));
  ended_ = count <= 0;
  return count > 0;
}

Result<ReadableDescriptor> ReadableDescriptor::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0) return ReadableDescriptor(descriptor);
  return Error{errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
               path + ": cannot be opened: " + std::strerror(errno)};
}

ReadableDescriptor::~ReadableDescriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace noggin
