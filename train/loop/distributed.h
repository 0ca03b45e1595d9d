// Data-parallel training: every process holds the whole student, takes its part of the rows of each batch, and averages
// gradients with the others (LibTorch's c10d over gloo). Any launcher that sets RANK, WORLD_SIZE, MASTER_ADDR and
// MASTER_PORT will do: `torchrun --no-python`, Slurm's srun, a shell. Without WORLD_SIZE everything here is a no-op.
//
// Decisions are made once, by rank 0 (which student is best, what is pruned, when to stop), and sent to the others, so
// that machines of different kinds cannot diverge.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace noggin::train {

class Distributed {
 public:
  // Joins the group given by the environment. Throws Failure (kUsage) when a variable is missing or wrong, or when some
  // process does not arrive in time.
  static Distributed from_environment();
  Distributed(Distributed&&) noexcept;
  Distributed& operator=(Distributed&&) noexcept;
  ~Distributed();

  std::uint32_t rank() const { return rank_; }
  std::uint32_t world_size() const { return world_size_; }
  bool is_rank_zero() const { return rank_ == 0; }

  // Replaces each tensor with its mean over all processes, in one message. Returns whether any process passed `stop`.
  // All processes must call it with tensors of the same shapes in the same order.
  bool average(std::vector<torch::Tensor>& tensors, bool stop);
  // Replaces the tensors with those of rank 0.
  void broadcast(std::vector<torch::Tensor>& tensors);

 private:
  struct Group;
  Distributed();
  std::uint32_t rank_ = 0, world_size_ = 1;
  std::unique_ptr<Group> group_;
};

}  // namespace noggin::train
