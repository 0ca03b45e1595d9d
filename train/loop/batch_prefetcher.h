// Batches of a stream, the next one read, collated and moved to its device by a thread of its own while the current one is
// trained on.
//
// A batch is a pure function of what is asked for (batch_stream.h). So reading ahead changes no bit, and there is no position
// to save: a run that goes on from a checkpoint asks for the batch of its own step, and what was read ahead is forgotten.
#pragma once

#include <future>

#include "train/loop/batch_stream.h"

namespace noggin::train {

struct BatchRequest {
  std::uint64_t epoch = 0, step = 0;  // as in BatchStream::batch
  BatchOptions options;
  bool operator==(const BatchRequest&) const = default;
};

// For one thread. The destructor waits for the batch that is being made, at most.
class BatchPrefetcher {
 public:
  explicit BatchPrefetcher(BatchStream stream) : stream_(std::move(stream)) {}
  BatchPrefetcher(const BatchPrefetcher&) = delete;
  BatchPrefetcher& operator=(const BatchPrefetcher&) = delete;

  const BatchStream& stream() const { return stream_; }
  // The batch of `request`. A failure to make it ahead (a damaged shard) is thrown here, where the batch is asked for.
  TrainingBatch take(const BatchRequest& request);
  // Begins to make the batch of `request`; if something else is taken next, it is dropped. Call it when the last one has
  // been taken.
  void prefetch(const BatchRequest& request);

 private:
  TrainingBatch make(const BatchRequest& request);

  BatchStream stream_;  // the other thread's from prefetch() to take()
  BatchRequest ahead_;
  std::future<TrainingBatch> batch_ahead_;  // behind the stream: its destructor waits for the thread that reads it
};

}  // namespace noggin::train
