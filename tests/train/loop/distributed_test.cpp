#include "train/loop/distributed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "tests/support/train_process_group.h"
#include "train/run/distributed_environment.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

// Whether `work` returned true in all processes of a group.
bool in_group(int world_size, const std::function<bool(Distributed&)>& work) {
  const std::vector<int> values = test::in_processes(world_size, [&](int) {
    Distributed group = Distributed::from_environment();
    const bool right = work(group);
    std::vector<torch::Tensor> all_done{torch::zeros({1})};
    group.sum(all_done);  // the store's server must outlive the others' last message
    return right ? 1 : 0;
  });
  return std::ranges::all_of(values, [](int value) { return value == 1; });
}

TEST(Distributed, AddsTensorsOfSeveralShapesOverTwoProcesses) {
  EXPECT_TRUE(in_group(2, [](Distributed& group) {
    std::vector<torch::Tensor> tensors{torch::full({2, 3}, group.rank() + 1.0),
                                       torch::arange(4) * (group.rank() + 1.0)};
    const bool stop = group.sum(tensors);
    return !stop && tensors[0].eq(3.0).all().item<bool>() && tensors[1].eq(torch::arange(4) * 3.0).all().item<bool>();
  }));
}

TEST(Distributed, AStopOfOneProcessReachesAll) {
  EXPECT_TRUE(in_group(2, [](Distributed& group) {
    std::vector<torch::Tensor> tensors{torch::zeros({1})};
    return group.sum(tensors, group.rank() == 1) && !group.sum(tensors);
  }));
}

TEST(Distributed, BroadcastGivesEveryProcessTheTensorsOfRankZero) {
  EXPECT_TRUE(in_group(3, [](Distributed& group) {
    std::vector<torch::Tensor> tensors{torch::full({2}, 10.0 + group.rank()), torch::full({1, 1}, 20.0 + group.rank())};
    group.broadcast(tensors);
    return tensors[0].eq(10.0).all().item<bool>() && tensors[1].eq(20.0).all().item<bool>();
  }));
}

TEST(Distributed, AloneNothingHappens) {
  Distributed alone = Distributed::from_environment();
  std::vector<torch::Tensor> tensors{torch::full({2}, 3.0)};
  EXPECT_TRUE(alone.sum(tensors, true));
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
