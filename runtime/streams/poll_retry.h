// Reads and writes that a signal or a non-blocking descriptor interrupts are tried again: a pipe that somebody else has
// made non-blocking (the flag belongs to the pipe, not to the process) must lose nothing.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <cerrno>

namespace noggin {

// The result of `call`, a read or write of `descriptor`, once it is neither EINTR nor EAGAIN; sleeps until the
// descriptor is ready. events: POLLIN or POLLOUT.
template <typename Call>
ssize_t retry_when_ready(int descriptor, short events, const Call& call) {
  for (;;) {
    const ssize_t count = call();
    if (count >= 0) return count;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready = {descriptor, events, 0};
      ::poll(&ready, 1, -1);  // whatever it finds, the next call says
    } else if (errno != EINTR) {
      return count;
    }
  }
}

}  // namespace noggin
