// What signals do to noggin-run and noggin. The one table:
//
//   SIGPIPE, SIGXFSZ          ignored: the write fails instead (EPIPE: the reader has left, a quiet end; EFBIG: an
//                             error), so that the tool can say which file it was
//   SIGINT, SIGTERM, SIGHUP   stop. A verb of noggin that has something to save finishes its step, saves and ends with
//                             128 + the signal's number; a second one kills at once. Everything else ends at once.
//                             SIGHUP stays ignored where the caller ignores it (nohup)
//   all others                the system's default
#pragma once

#include <array>
#include <csignal>

namespace noggin {

inline constexpr std::array kStopSignals = {SIGINT, SIGTERM, SIGHUP};

// The first two. To be called when a tool starts.
inline void let_writes_fail() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace noggin
