// Data-parallel training: every process holds the whole student, takes its share of each batch's rows, and averages
// gradients with the others (LibTorch's c10d over gloo). Started by anything that sets RANK, WORLD_SIZE, MASTER_ADDR and
// MASTER_PORT: `torchrun --no-python`, Slurm's srun, or a shell. Without WORLD_SIZE everything here is a no-op.
//
// Rank 0 decides what has to be decided once (which student is best, what is pruned, when to stop) and the others receive
// it, so that machines of different kinds cannot drift apart.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace noggin::train {

class Distributed {
 public:
  // Joins the group named by the environment. Throws Failure (kUsage) when a variable is missing or wrong, and when not all
  // processes arrive in time.
  static Distributed from_environment();
  Distributed(Distributed&&) noexcept;
  Distributed& operator=(Distributed&&) noexcept;
  ~Distributed();

  std::uint32_t rank() const { return rank_; }
  std::uint32_t world() const { return world_; }
  bool is_main() const { return rank_ == 0; }

  // Replaces each tensor by its mean over all processes, in one message. Returns whether any process passed `stop`.
  // All processes must call it with tensors of the same shapes in the same order.
  bool average(std::vector<torch::Tensor>& tensors, bool stop);
  // Replaces the tensors by those of rank 0.
  void broadcast(std::vector<torch::Tensor>& tensors);

 private:
  struct Group;
  Distributed();
  std::uint32_t rank_ = 0, world_ = 1;
  std::unique_ptr<Group> group_;
};

}  // namespace noggin::train
