// The sequences or rows of a chunk, divided among the threads of the process.
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

// Calls work(begin, end) -> Status for parts of 0..count-1, on the threads of the process. The last error is returned.
template <typename Work>
Status in_parts(std::size_t count, const Work& work) {
  constexpr std::int64_t kPerPart = 16;
  std::mutex mutex;
  std::optional<Error> failure;
  at::parallel_for(0, static_cast<std::int64_t>(count), kPerPart, [&](std::int64_t begin, std::int64_t end) {
    const Status status = work(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
    if (status) return;
    const std::lock_guard lock(mutex);
    failure = status.error();
  });
  if (failure) return *failure;
  return {};
}

// make_worker() -> worker, once per part; worker(ids, room for the logits, their time in microseconds) -> Status. Of
// several errors of a part the last one counts.
template <typename MakeWorker>
Status each_sequence(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds,
                     const MakeWorker& make_worker) {
  const std::size_t first = chunk.first_sequence(), count = chunk.end_sequence() - first, timed = microseconds.size();
  microseconds.resize(timed + count);
  return in_parts(count, [&](std::size_t begin, std::size_t end) {
    auto worker = make_worker();
    Status result;
    for (std::size_t i = begin; i < end; ++i) {
      const Status status =
          worker(chunk.all.inputs.ids(first + i), logits.sequence(first + i), microseconds[timed + i]);
      if (!status) result = status;
    }
    return result;
  });
}

}  // namespace noggin::exporter
