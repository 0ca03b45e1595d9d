#include "train/loop/distributed.h"

#include <fmt/format.h>

#include <thread>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include "train/run/failure.h"
#include "train/run/progress.h"
#include "train/run/stop_signal.h"

namespace noggin::train {
namespace {

constexpr std::chrono::hours kNoLimit{24 * 365};
constexpr std::chrono::milliseconds kLook{1000};
constexpr std::chrono::seconds kSilentWhenBroken{4};  // signs of life come once a second

torch::Tensor flattened(const std::vector<torch::Tensor>& tensors, std::int64_t extra) {
  std::int64_t count = extra;
  for (const torch::Tensor& tensor : tensors) count += tensor.numel();
  torch::Tensor flat = torch::zeros({count});
  std::int64_t at = 0;
  for (const torch::Tensor& tensor : tensors) {
    flat.narrow(0, at, tensor.numel()).copy_(tensor.reshape({-1}));
    at += tensor.numel();
  }
  return flat;
}

void scatter_back(const torch::Tensor& flat, std::vector<torch::Tensor>& tensors) {
  std::int64_t at = 0;
  for (torch::Tensor& tensor : tensors) {
    tensor.copy_(flat.narrow(0, at, tensor.numel()).view(tensor.sizes()));
    at += tensor.numel();
  }
}

}  // namespace

struct Distributed::Group {
  std::unique_ptr<GroupMembers> members;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
};

Distributed::Distributed() = default;
Distributed::Distributed(Distributed&&) noexcept = default;
Distributed& Distributed::operator=(Distributed&&) noexcept = default;
Distributed::~Distributed() = default;

Distributed Distributed::from_environment(const GroupPatience& patience) {
  const GroupPlace place = group_place();
  Distributed result;
  result.rank_ = place.rank;
  result.world_size_ = place.world_size;
  result.patience_ = patience;
  if (place.world_size <= 1) return result;
  result.group_ = std::make_unique<Group>();
  result.group_->members = GroupMembers::gather(place, patience);
  try {
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience.limit);
    auto gloo = c10d::ProcessGroupGloo::Options::create(limit);
    gloo->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
    result.group_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(
        result.group_->members->store(), static_cast<int>(place.rank), static_cast<int>(place.world_size), gloo);
    // From now on signs of life decide: rank 0 may evaluate for long while the others wait.
    result.group_->gloo->setTimeout(kNoLimit);
  } catch (const std::exception&) {  // its text is about sockets of gloo
    throw Failure(ExitCode::kFailure,
                  fmt::format("rank {} of {} cannot reach all others of its group, though all have come to {}. Fix: "
                              "check that the hosts reach each other on every port",
                              place.rank, place.world_size, place.address()));
  }
  return result;
}

// Waits for `work`, and meanwhile for signs of life of the others.
void Distributed::finish(c10d::Work& work) {
  bool announced = false;
  for (;;) {
    try {
      work.wait(kLook);
      return;
    } catch (const std::exception&) {
      if (work.isCompleted()) lose_member(kSilentWhenBroken);
    }
    const GroupMembers& members = *group_->members;
    if (members.silent_for(patience_.limit)) lose_member(patience_.limit);
    const std::optional<std::uint32_t> silent = members.silent_for(patience_.announced_after);
    if (silent && StopSignal::requested()) lose_member(patience_.announced_after);
    if (silent && !announced) {
      patience_.warn(fmt::format("waiting for {}: no sign of life for {}", members.name(*silent),
                                 format_duration(patience_.announced_after.count())));
      announced = true;
    }
  }
}

// A broken connection does not say whose process is gone: waits until one has been silent for `age`.
void Distributed::lose_member(GroupMembers::Seconds age) {
  // Not destroyed: the operation in progress would be waited for. The process is about to end.
  const GroupMembers& members = *group_.release()->members;
  const auto end = std::chrono::steady_clock::now() + 2 * kSilentWhenBroken;
  std::optional<std::uint32_t> silent;
  while (!(silent = members.silent_for(age)) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  throw MemberLost(silent ? members.name(*silent) : "a process of this training");
}

bool Distributed::sum(std::vector<torch::Tensor>& tensors, bool stop) {
  if (!group_) return stop;
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> message{flattened(tensors, 1)};
  message[0][-1] = stop ? 1.0F : 0.0F;
  finish(*group_->gloo->allreduce(message));
  const bool any = message[0][-1].item<float>() > 0.0F;
  scatter_back(message[0], tensors);
  return any;
}

void Distributed::broadcast(std::vector<torch::Tensor>& tensors) {
  if (!group_) return;
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> message{flattened(tensors, 0)};
  finish(*group_->gloo->broadcast(message));
  scatter_back(message[0], tensors);
}

}  // namespace noggin::train
