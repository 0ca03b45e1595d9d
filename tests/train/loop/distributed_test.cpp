#include "train/loop/distributed.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

#include "train/run/distributed_environment.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

// A port that nobody listens on right now.
int free_port() {
  const int socket_number = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket_number, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket_number, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket_number);
  return ntohs(address.sin_port);
}

// Runs `work` in `world_size` processes that form one group; true when it returned true in all of them.
bool in_processes(int world_size, const std::function<bool(Distributed&)>& work) {
  const std::string port = std::to_string(free_port());
  std::vector<pid_t> children;
  for (int rank = 0; rank < world_size; ++rank) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv("RANK", std::to_string(rank).c_str(), 1);
      ::setenv("WORLD_SIZE", std::to_string(world_size).c_str(), 1);
      ::setenv("MASTER_ADDR", "127.0.0.1", 1);
      ::setenv("MASTER_PORT", port.c_str(), 1);
      bool right = false;
      try {
        Distributed group = Distributed::from_environment();
        right = work(group);
        std::vector<torch::Tensor> all_done{torch::zeros({1})};
        group.average(all_done, false);  // the store's server must outlive the others' last message
      } catch (const std::exception& error) {
        std::fprintf(stderr, "rank %d: %s\n", rank, error.what());
      }
      ::_exit(right ? 0 : 1);
    }
    children.push_back(child);
  }
  bool all = true;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    all = all && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  return all;
}

TEST(Distributed, AveragesTensorsOfSeveralShapesOverTwoProcesses) {
  EXPECT_TRUE(in_processes(2, [](Distributed& group) {
    std::vector<torch::Tensor> tensors{torch::full({2, 3}, group.rank() + 1.0),
                                       torch::arange(4) * (group.rank() + 1.0)};
    const bool stop = group.average(tensors, false);
    return !stop && tensors[0].eq(1.5).all().item<bool>() && tensors[1].eq(torch::arange(4) * 1.5).all().item<bool>();
  }));
}

TEST(Distributed, AStopOfOneProcessReachesAll) {
  EXPECT_TRUE(in_processes(2, [](Distributed& group) {
    std::vector<torch::Tensor> tensors{torch::zeros({1})};
    return group.average(tensors, group.rank() == 1) && !group.average(tensors, false);
  }));
}

TEST(Distributed, BroadcastGivesEveryProcessTheTensorsOfRankZero) {
  EXPECT_TRUE(in_processes(3, [](Distributed& group) {
    std::vector<torch::Tensor> tensors{torch::full({2}, 10.0 + group.rank()), torch::full({1, 1}, 20.0 + group.rank())};
    group.broadcast(tensors);
    return tensors[0].eq(10.0).all().item<bool>() && tensors[1].eq(20.0).all().item<bool>();
  }));
}

TEST(Distributed, AloneNothingHappens) {
  Distributed alone = Distributed::from_environment();
  std::vector<torch::Tensor> tensors{torch::full({2}, 3.0)};
  EXPECT_TRUE(alone.average(tensors, true));
  EXPECT_TRUE(tensors[0].eq(3.0).all().item<bool>());
  EXPECT_TRUE(alone.is_rank_zero());
}

TEST(DistributedEnvironment, RefusesWhatIsNoNumber) {
  ::setenv("RANK", "first", 1);
  try {
    environment_rank();
    ADD_FAILURE() << "accepted";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
    EXPECT_THAT(failure.what(), testing::HasSubstr("RANK=first"));
  }
  ::unsetenv("RANK");
}

TEST(DistributedEnvironment, AGroupWithoutAnAddressSaysWhatIsMissing) {
  ::setenv("WORLD_SIZE", "2", 1);
  ::unsetenv("MASTER_ADDR");
  EXPECT_THROW(Distributed::from_environment(), Failure);
  ::unsetenv("WORLD_SIZE");
}

}  // namespace
}  // namespace noggin::train
