#include "train/loop/group_address.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "train/run/failure.h"
#include "train/run/progress.h"

namespace noggin::train {
namespace {

// Empty: connected. Otherwise what was in the way, after at most a second.
std::string obstacle_to(const addrinfo& address) {
  const int descriptor = ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::strerror(errno);
  int error = ::connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd waiting{descriptor, POLLOUT, 0};
    socklen_t size = sizeof error;
    if (::poll(&waiting, 1, 1000) == 1)
      ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    else
      error = ETIMEDOUT;
  }
  ::close(descriptor);
  return error == 0 ? std::string() : std::strerror(error);
}

std::string obstacle_to(const GroupPlace& place) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int code = ::getaddrinfo(place.master_host.c_str(), std::to_string(place.master_port).c_str(), &hints, &found);
  if (code != 0) return fmt::format("the host is unknown ({})", ::gai_strerror(code));
  std::string obstacle;
  for (const addrinfo* next = found; next != nullptr; next = next->ai_next) {
    obstacle = obstacle_to(*next);
    if (obstacle.empty()) break;
  }
  ::freeaddrinfo(found);
  return obstacle;
}

}  // namespace

void await_master(const GroupPlace& place, const GroupPatience& patience) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  bool announced = false;
  for (;;) {
    const std::string obstacle = obstacle_to(place);
    if (obstacle.empty()) return;
    const std::chrono::duration<double> waited = Clock::now() - start;
    if (waited >= patience.limit) {
      throw Failure(ExitCode::kFailure,
                    fmt::format("rank {} of {} found no rank 0 at {} in {}: {}. Fix: start rank 0 there, and check "
                                "MASTER_ADDR, MASTER_PORT and the network; train.group_minutes is how long to wait",
                                place.rank, place.world_size, place.address(), format_duration(patience.limit.count()),
                                obstacle));
    }
    if (!announced && waited >= patience.announced_after) {
      patience.warn(fmt::format("waiting for rank 0 at {}: {}", place.address(), obstacle));
      announced = true;
    }
    throw_if_stopped(place);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

}  // namespace noggin::train
