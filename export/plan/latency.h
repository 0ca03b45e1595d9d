// How fast a model file answers on this machine now: also of a file with made-up weights, for time does not depend on
// them.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "noggin/result.h"

namespace noggin::exporter {

struct TimedText {
  std::size_t tokens = 0;                                                    // special ones included
  std::size_t answers = 0;                                                   // how many were timed
  double lower_quartile_us = 0.0, median_us = 0.0, upper_quartile_us = 0.0;  // of one answer, tokenization included
};

struct TimedSession {
  std::string kernel_set;         // the best that this machine executes, or NOGGIN_FORCE_ISA
  std::size_t session_bytes = 0;  // memory of a session for one text at a time, one thread
  std::vector<TimedText> texts;   // in the order given
};

// Opens the file from memory and answers each text over and over on one thread for about `each`, after a few answers to
// warm up. Errors: those of Model and Session.
Result<TimedSession> time_session(std::span<const std::byte> file, std::span<const std::string> texts,
                                  std::chrono::milliseconds each);

}  // namespace noggin::exporter
