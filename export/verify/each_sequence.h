// The sequences of a chunk, divided among the threads of the process.
#pragma once

#include <ATen/Parallel.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "export/verify/target.h"

namespace noggin::exporter {

inline double microseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

// make_worker() -> worker, once per thread and call; worker(ids, room for the logits, their time in microseconds) ->
// Status. The last error is returned.
template <typename MakeWorker>
Status each_sequence(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds,
                     const MakeWorker& make_worker) {
  constexpr std::int64_t kSequencesPerTask = 16;
  const std::size_t first = chunk.first_sequence(), count = chunk.end_sequence() - first, timed = microseconds.size();
  microseconds.resize(timed + count);
  std::mutex mutex;
  std::optional<Error> failure;
  at::parallel_for(0, static_cast<std::int64_t>(count), kSequencesPerTask, [&](std::int64_t begin, std::int64_t end) {
    auto worker = make_worker();
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const Status status =
          worker(chunk.all.inputs.ids(first + i), logits.sequence(first + i), microseconds[timed + i]);
      if (status) continue;
      const std::lock_guard lock(mutex);
      failure = status.error();
    }
  });
  if (failure) return *failure;
  return {};
}

}  // namespace noggin::exporter
