// This process's place in a group of processes, as a launcher says it in the environment. Joins nothing, needs no
// LibTorch: also for commands that only one process may run.
#pragma once

#include <cstdint>
#include <string>

namespace noggin::train {

struct GroupPlace {
  std::uint32_t rank = 0, world_size = 1;  // RANK, WORLD_SIZE
  std::string master_host;                 // MASTER_ADDR: where rank 0 runs; empty for a process alone
  std::uint16_t master_port = 29500;       // MASTER_PORT
  bool launcher_serves = false;            // torchrun keeps the group's store itself, at that address
  std::uint32_t attempt = 0;               // torchrun counts its restarts

  std::string address() const { return master_host + ":" + std::to_string(master_port); }
};

// Throws Failure (kUsage): a value that is not a number, a RANK that is not below WORLD_SIZE (also RANK=1 alone), a
// group without RANK or MASTER_ADDR.
GroupPlace group_place();

// The rank alone; throws as group_place() does.
std::uint32_t environment_rank();

}  // namespace noggin::train
