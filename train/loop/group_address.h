// Waits for the address of a group's rank 0, without LibTorch's own attempts, which are silent for minutes.
#pragma once

#include "train/loop/group_members.h"

namespace noggin::train {

// Returns when something listens at place.address(). Throws Failure (kFailure) with the last obstacle after
// patience.limit.
void await_master(const GroupPlace& place, const GroupPatience& patience);

}  // namespace noggin::train
