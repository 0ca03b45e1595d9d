// Data-parallel training: every process holds the whole student, takes its part of the rows of each batch, and adds its
// share of the gradients to the others' (LibTorch's c10d over gloo). Any launcher that sets RANK, WORLD_SIZE,
// MASTER_ADDR and MASTER_PORT will do: `torchrun --no-python`, Slurm's srun, a shell. Without WORLD_SIZE everything
// here is a no-op.
//
// Decisions are made once, by rank 0 (which student is best, what is pruned, when to stop), and sent to the others, so
// that machines of different kinds cannot diverge.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "train/loop/group_members.h"

namespace c10d {
class Work;
}

namespace noggin::train {

// Another process of the group has ended, or has given no sign of life for too long. what() names it.
class MemberLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Distributed {
 public:
  // Joins the group given by the environment (distributed_environment.h, group_members.h) and returns when all
  // processes have come. Throws Failure: kUsage when a variable is missing or wrong, kFailure when some process does
  // not come within patience.limit.
  static Distributed from_environment(const GroupPatience& patience = {});
  Distributed(Distributed&&) noexcept;
  Distributed& operator=(Distributed&&) noexcept;
  ~Distributed();

  std::uint32_t rank() const { return rank_; }
  std::uint32_t world_size() const { return world_size_; }
  bool is_rank_zero() const { return rank_ == 0; }

  // Both below wait for the other processes as long as these give signs of life; afterwards, and when one has ended,
  // they throw MemberLost.
  //
  // Replaces each tensor with its sum over all processes, in one message of float32. Returns whether any process passed
  // `stop`. All processes must call it with tensors of the same shapes in the same order; all get the same bits.
  bool sum(std::vector<torch::Tensor>& tensors, bool stop = false);
  // Replaces the tensors with those of rank 0.
  void broadcast(std::vector<torch::Tensor>& tensors);

 private:
  struct Group;
  Distributed();
  void finish(c10d::Work& work);
  [[noreturn]] void lose_member(GroupMembers::Seconds age);
  std::uint32_t rank_ = 0, world_size_ = 1;
  GroupPatience patience_;
  std::unique_ptr<Group> group_;
};

}  // namespace noggin::train
