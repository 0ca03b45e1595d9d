// Opt-in counts of what a model is asked and answers: histograms, no text, no ids, nothing of a single request. A host
// attaches counters to its sessions, reads them now and then, and may send them home; `noggin drift` compares them with
// the counts of the rows that the model was judged on, which lie in its file.
//
//   auto counters = noggin::Counters::create(*model);          // Result<Counters>
//   session->set_counters(&*counters);                         // any number of sessions, on any threads
//   noggin::Counts counts = counters->take();                  // and begin again at 0
//
// Cost of an answer: two relaxed atomic additions, and a look at each of its token ids.
#pragma once

#include <cstdint>
#include <memory>

#include "noggin/counts.h"
#include "noggin/export.h"
#include "noggin/result.h"

namespace noggin {

class Model;
class Session;

// All functions may be called from several threads, also while sessions count. Counts of one text may fall into two
// readings, half into each, because nothing is locked.
class NOGGIN_EXPORT Counters {
 public:
  // For this model alone, which need not outlive it. Takes (labels + 1) * 160 + 1,760 bytes. Error: kOutOfSpace.
  static Result<Counters> create(const Model& model);
  Counters(Counters&&) noexcept;
  Counters& operator=(Counters&&) noexcept;
  ~Counters();

  std::uint64_t model_content_hash() const;
  Counts read() const;
  Counts take();  // reads and sets to 0; nothing that is counted meanwhile is lost

 private:
  struct State;
  explicit Counters(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  friend class Session;
};

}  // namespace noggin
