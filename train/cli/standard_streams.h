// std::cout and std::cerr of a process, over descriptors that may be pipes which do not block or whose reader leaves.
#pragma once

#include <iostream>
#include <streambuf>
#include <string_view>

#include "streams/output.h"

namespace noggin::tool {

// A stream's buffer that writes through an Output.
class OutputBuffer : public std::streambuf {
 public:
  explicit OutputBuffer(int descriptor) : output_(descriptor) {}
  Output& output() { return output_; }

 protected:
  int_type overflow(int_type c) override {
    if (c == traits_type::eof()) return traits_type::not_eof(c);
    const char byte = traits_type::to_char_type(c);
    output_.write({&byte, 1});
    return c;
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    output_.write({text, static_cast<std::size_t>(size)});
    return size;
  }
  int sync() override {
    output_.flush();
    return 0;
  }

 private:
  Output output_;
};

// While it exists, std::cout and std::cerr write through Outputs. At most one per process.
class StandardStreams {
 public:
  StandardStreams();
  ~StandardStreams();  // flushes both
  StandardStreams(const StandardStreams&) = delete;
  StandardStreams& operator=(const StandardStreams&) = delete;

  // Whether all of standard output was written; a reader that has left is no failure. Flushes.
  const Status& results_written();

 private:
  OutputBuffer out_, error_;
  std::streambuf* const former_out_;
  std::streambuf* const former_error_;
};

}  // namespace noggin::tool
