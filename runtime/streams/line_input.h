// Lines of a file descriptor, from any source: files, terminals, pipes that block or do not.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "noggin/result.h"

namespace noggin {

class LineInput {
 public:
  // `name` is its name in errors. Does not own the descriptor.
  LineInput(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  // Called before a read that may block: the moment to answer and to flush answers, so that a program that talks to
  // this one through two pipes never waits for an answer that is still in a buffer.
  void before_waiting(std::function<void()> action) { before_waiting_ = std::move(action); }

  // The next line without its LF or CRLF, the first one without a byte order mark; false at the end. A last line
  // without LF counts. `line` is valid until the
  // next read, so until before_waiting's action has run. After false, status() distinguishes the end from a failure:
  // kIo, or kBadData for a line of more than kMaxLineBytes (bytes/line_limit.h), which is not returned.
  bool next(std::string_view& line);
  const Status& status() const { return status_; }
  std::size_t line_number() const { return line_number_; }  // of the line last returned, from 1
  const std::string& name() const { return name_; }

 private:
  bool fill();

  int descriptor_;
  std::string name_;
  std::function<void()> before_waiting_;
  std::string buffer_;
  std::size_t begin_ = 0;    // start of the next line
  std::size_t scanned_ = 0;  // no LF in [begin_, scanned_)
  std::size_t line_number_ = 0;
  bool ended_ = false;
  Status status_;
};

// A descriptor open for reading, closed at the end of the scope.
class ReadableDescriptor {
 public:
  static Result<ReadableDescriptor> open(const std::string& path);
  ReadableDescriptor(ReadableDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ReadableDescriptor& operator=(ReadableDescriptor&&) = delete;
  ~ReadableDescriptor();
  int descriptor() const { return descriptor_; }

 private:
  explicit ReadableDescriptor(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace noggin
