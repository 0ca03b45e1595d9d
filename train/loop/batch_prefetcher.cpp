#include "train/loop/batch_prefetcher.h"

namespace noggin::train {

TrainingBatch BatchPrefetcher::make(const BatchRequest& request) {
  return stream_.batch(request.epoch, request.step, request.options);
}

TrainingBatch BatchPrefetcher::take(const BatchRequest& request) {
  if (batch_ahead_.valid()) {
    const bool wanted = ahead_ == request;
    if (wanted) return batch_ahead_.get();
    batch_ahead_ = {};  // waits until the other thread is done with the stream
  }
  return make(request);
}

void BatchPrefetcher::prefetch(const BatchRequest& request) {
  batch_ahead_ = {};
  ahead_ = request;
  // If no thread can be started, take() makes the batch.
  batch_ahead_ = std::async(std::launch::async | std::launch::deferred, [this] { return make(ahead_); });
}

}  // namespace noggin::train
