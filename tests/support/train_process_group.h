// Processes of one training group on this machine, made by fork. Call it before the test program has used LibTorch's
// threads: a forked child has none of them.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "streams/signals.h"

namespace noggin::test {

// A port that nobody listens on right now.
inline int free_port() {
  const int socket_number = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket_number, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket_number, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket_number);
  return ntohs(address.sin_port);
}

// Runs work(rank) in `world_size` processes with the variables of a launcher (world_size 1: without them) and returns
// what each gave, by rank: its value, or -1 after an exception, or -2 if it was killed.
inline std::vector<int> in_processes(int world_size, const std::function<int(int rank)>& work) {
  const std::string port = std::to_string(free_port());
  std::vector<pid_t> children;
  for (int rank = 0; rank < world_size; ++rank) {
    const pid_t child = ::fork();
    if (child == 0) {
      let_writes_fail();  // as both tools do: the store of a group may write to a process that is gone
      if (world_size > 1) {
        ::setenv("RANK", std::to_string(rank).c_str(), 1);
        ::setenv("WORLD_SIZE", std::to_string(world_size).c_str(), 1);
        ::setenv("MASTER_ADDR", "127.0.0.1", 1);
        ::setenv("MASTER_PORT", port.c_str(), 1);
      }
      int value = 255;
      try {
        value = work(rank);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "rank %d: %s\n", rank, error.what());
      }
      std::fflush(nullptr);
      ::_exit(testing::Test::HasFailure() ? 255 : value);
    }
    children.push_back(child);
  }
  std::vector<int> values;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    values.push_back(!WIFEXITED(status) ? -2 : WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status));
  }
  return values;
}

}  // namespace noggin::test
