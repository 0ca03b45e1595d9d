// Makes an AMX machine one with AVX-512-VNNI only, for both sides: bars are stated for such a machine.
#pragma once

#include "noggin/result.h"

namespace noggin::latency {

// From now on the kernel refuses this process tile registers, which every user of AMX must ask for (arch_prctl(2),
// ARCH_REQ_XCOMP_PERM). Call it before a session is made. Cannot be undone. kUnsupported where it cannot be done.
Status forbid_tiles();

}  // namespace noggin::latency
