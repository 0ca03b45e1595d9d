// Pipes that do not block, in both directions: nothing is lost and nothing spins.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "streams/line_input.h"
#include "streams/output.h"
#include "streams/signals.h"

namespace noggin {
namespace {

struct Pipe {
  std::array<int, 2> ends = {-1, -1};
  Pipe() {
    EXPECT_EQ(::pipe(ends.data()), 0);
    for (const int end : ends) EXPECT_EQ(::fcntl(end, F_SETFL, O_NONBLOCK), 0);
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  int read_end() const { return ends[0]; }
  int write_end() const { return ends[1]; }
  void close_end(std::size_t which) {
    if (ends[which] >= 0) ::close(ends[which]);
    ends[which] = -1;
  }
};

void rest() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

TEST(NonBlockingPipe, OutputWaitsForASlowReader) {
  Pipe pipe;
  std::string sent, received;
  for (int i = 0; i < 100000; ++i) sent += std::to_string(i) + "\n";  // many times what a pipe holds
  std::thread reader([&] {
    char block[10000];
    for (;;) {
      const ssize_t count = ::read(pipe.read_end(), block, sizeof block);
      if (count == 0) return;
      if (count > 0) received.append(block, static_cast<std::size_t>(count));
      if (count < 0) rest();
    }
  });
  {
    Output output(pipe.write_end());
    for (std::size_t at = 0; at < sent.size(); at += 999) output.write(std::string_view(sent).substr(at, 999));
    output.flush();
    EXPECT_TRUE(output.status());
  }
  pipe.close_end(1);
  reader.join();
  EXPECT_EQ(received, sent);
}

TEST(NonBlockingPipe, InputWaitsForASlowWriter) {
  Pipe pipe;
  std::thread writer([&] {
    for (const char* part : {"on", "e\ntwo\n", "thr", "ee"}) {
      rest();
      EXPECT_GT(::write(pipe.write_end(), part, std::string_view(part).size()), 0);
    }
    pipe.close_end(1);
  });
  LineInput input(pipe.read_end(), "the pipe");
  std::vector<std::string> lines;
  std::string_view line;
  while (input.next(line)) lines.emplace_back(line);
  writer.join();
  EXPECT_TRUE(input.status());
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "three"}));
}

TEST(NonBlockingPipe, AReaderThatLeavesWhileTheWriterWaitsEndsIt) {
  let_writes_fail();
  Pipe pipe;
  std::thread reader([&] {
    rest();
    pipe.close_end(0);
  });
  Output output(pipe.write_end());
  output.write(std::string(1 << 20, 'x'));
  output.flush();
  reader.join();
  EXPECT_TRUE(output.reader_left());
  EXPECT_TRUE(output.status());
}

}  // namespace
}  // namespace noggin
