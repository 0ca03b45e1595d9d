// Buffered standard output that knows why it stopped.
#pragma once

#include <string>
#include <string_view>

#include "noggin/result.h"

namespace noggin {

class Output {
 public:
  explicit Output(int descriptor) : descriptor_(descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { flush(); }

  void write(std::string_view text);
  void flush();
  // Append here and call settle(): saves the hot loop a copy.
  std::string& buffer() { return buffer_; }
  void settle();

  bool reader_left() const { return reader_left_; }  // a closed pipe (`| head`): not an error, but stop
  const Status& status() const { return status_; }   // anything else, such as a full disk
  bool usable() const { return !reader_left_ && status_; }

 private:
  int descriptor_;
  std::string buffer_;
  bool reader_left_ = false;
  Status status_;
};

}  // namespace noggin
