// Sessions of noggin-run on the CPU and, where the build has it, on a GPU (NOGGIN_WITH_VULKAN).
#pragma once

#include <string>
#include <vector>

#include "noggin/engine.h"
#include "noggin/result.h"
#ifdef NOGGIN_HAS_VULKAN
#include <optional>

#include "noggin/gpu.h"
#endif

namespace noggin::run_tool {

struct OpenedSession {
#ifdef NOGGIN_HAS_VULKAN
  std::optional<GpuModel> gpu;  // where `session` computes; none: on the CPU
#endif
  Session session;

  // Why a GPU did not compute all answers, if so; the CPU then did.
  Status gpu_failure() const;
};

struct KnownGpu {
  std::string name, kind, why_not;  // why_not: empty if it can be used
};
struct KnownGpus {
  std::vector<KnownGpu> devices;  // best first
  std::string why_none;           // if there are none
};
KnownGpus known_gpus();

}  // namespace noggin::run_tool
