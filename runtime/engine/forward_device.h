// What computes the logits of a session in place of the CPU: a GPU (gpu/vulkan). The session keeps all else.
#pragma once

#include <cstddef>

#include "engine/arena.h"

namespace noggin::runtime {

class ForwardDevice {
 public:
  virtual ~ForwardDevice() = default;
  virtual const char* name() const = 0;  // in place of a kernel set's
  // The largest pass it takes; the session's workspace is made for it.
  virtual ChunkLimits limits() const = 0;
  // Computes w.logits of the texts in w.token_ids that the first texts + 1 entries of w.text_starts delimit. False: it
  // could not, and the CPU computes them. Called by one thread at a time; allocates nothing.
  virtual bool run(const Workspace& w, std::size_t texts) = 0;
};

}  // namespace noggin::runtime
