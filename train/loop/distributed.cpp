#include "train/loop/distributed.h"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "train/run/distributed_environment.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

constexpr std::chrono::minutes kTimeout{30};  // an evaluation on rank 0 may take this long while the others wait

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

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
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
};

Distributed::Distributed() = default;
Distributed::Distributed(Distributed&&) noexcept = default;
Distributed& Distributed::operator=(Distributed&&) noexcept = default;
Distributed::~Distributed() = default;

Distributed Distributed::from_environment() {
  Distributed result;
  result.rank_ = environment_rank();
  result.world_size_ = environment_world_size();
  if (result.world_size_ <= 1) return result;
  if (result.rank_ >= result.world_size_ || variable("MASTER_ADDR").empty() || variable("RANK").empty()) {
    throw Failure(ExitCode::kUsage, fmt::format("WORLD_SIZE={} needs RANK below it and MASTER_ADDR. Fix: start with "
                                                "torchrun --no-python, or set them for every process",
                                                result.world_size_));
  }
  try {
    c10d::TCPStoreOptions options;
    options.port = static_cast<std::uint16_t>(environment_number("MASTER_PORT", c10d::TCPStoreOptions::kDefaultPort));
    // Under torchrun the agent already serves the store.
    options.isServer = result.rank_ == 0 && variable("TORCHELASTIC_USE_AGENT_STORE") != "True";
    options.numWorkers = result.world_size_;
    options.waitWorkers = false;
    result.group_ = std::make_unique<Group>();
    result.group_->store = c10::make_intrusive<c10d::PrefixStore>(
        "noggin", c10::make_intrusive<c10d::TCPStore>(variable("MASTER_ADDR"), options));
    auto gloo = c10d::ProcessGroupGloo::Options::create(kTimeout);
    gloo->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
    result.group_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(
        result.group_->store, static_cast<int>(result.rank_), static_cast<int>(result.world_size_), gloo);
  } catch (const c10::Error& error) {
    throw Failure(ExitCode::kFailure,
                  fmt::format("process {} of {} could not join the group at {}:{} ({}). Fix: check that all "
                              "processes run and reach that address",
                              result.rank_, result.world_size_, variable("MASTER_ADDR"), variable("MASTER_PORT"),
                              error.what_without_backtrace()));
  }
  return result;
}

bool Distributed::average(std::vector<torch::Tensor>& tensors, bool stop) {
  if (!group_) return stop;
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> message{flattened(tensors, 1)};
  message[0][-1] = stop ? 1.0F : 0.0F;
  group_->gloo->allreduce(message)->wait();
  const bool any = message[0][-1].item<float>() > 0.0F;
  message[0].div_(static_cast<double>(world_size_));
  scatter_back(message[0], tensors);
  return any;
}

void Distributed::broadcast(std::vector<torch::Tensor>& tensors) {
  if (!group_) return;
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> message{flattened(tensors, 0)};
  group_->gloo->broadcast(message)->wait();
  scatter_back(message[0], tensors);
}

}  // namespace noggin::train
