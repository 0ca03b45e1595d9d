// Batches of a stream. A second thread reads, collates and moves the next batch to its device while training uses the
// current one.
//
// A batch is a pure function of the request (batch_stream.h), so prefetching changes no bit and there is no position to
// save: a resumed run requests the batch of its own step, and prefetched batches are discarded.
#pragma once

#include <future>

#include "train/loop/batch_stream.h"

namespace noggin::train {

struct BatchRequest {
  std::uint64_t epoch = 0, step = 0;  // as in BatchStream::batch
  BatchOptions options;
  bool operator==(const BatchRequest&) const = default;
};

// For one thread. The destructor waits at most for the batch being made.
class BatchPrefetcher {
 public:
  explicit BatchPrefetcher(BatchStream stream) : stream_(std::move(stream)) {}
  BatchPrefetcher(const BatchPrefetcher&) = delete;
  BatchPrefetcher& operator=(const BatchPrefetcher&) = delete;

  const BatchStream& stream() const { return stream_; }
  // The batch of `request`. A failure while prefetching it (a damaged shard) is thrown here.
  TrainingBatch take(const BatchRequest& request);
  // Starts making the batch of `request`; it is dropped if another one is taken next. Call it after the previous one
  // was taken.
  void prefetch(const BatchRequest& request);

 private:
  TrainingBatch make(const BatchRequest& request);

  BatchStream stream_;  // used by the other thread between prefetch() and take()
  BatchRequest ahead_;
  std::future<TrainingBatch> batch_ahead_;  // after stream_: its destructor waits for the thread that reads the stream
};

}  // namespace noggin::train
