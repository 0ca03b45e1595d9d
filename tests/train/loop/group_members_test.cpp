// A group that is not complete, or does not stay so: who is waited for, for how long, and what the others say.
#include "train/loop/group_members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "tests/support/train_process_group.h"
#include "train/loop/distributed.h"
#include "train/run/failure.h"
#include "train/run/stop_signal.h"

namespace noggin::train::group_members {
namespace {

using testing::HasSubstr;

void be(int rank, int world_size, const std::string& host, int port) {
  ::setenv("RANK", std::to_string(rank).c_str(), 1);
  ::setenv("WORLD_SIZE", std::to_string(world_size).c_str(), 1);
  ::setenv("MASTER_ADDR", host.c_str(), 1);
  ::setenv("MASTER_PORT", std::to_string(port).c_str(), 1);
}

struct Refusal {
  ExitCode code = ExitCode::kOk;
  std::string message, announced;
};

// What joining the group of the environment fails with; waits are announced early and end after a second.
Refusal refusal() {
  Refusal result;
  GroupPatience patience;
  patience.limit = std::chrono::seconds(1);
  patience.announced_after = std::chrono::milliseconds(200);
  patience.warn = [&](const std::string& line) { result.announced += line + "\n"; };
  try {
    Distributed::from_environment(patience);
    ADD_FAILURE() << "joined";
  } catch (const Failure& failure) {
    result.code = failure.code();
    result.message = failure.what();
  }
  EXPECT_THAT(result.message, HasSubstr("Fix: "));
  EXPECT_THAT(result.message, testing::Not(testing::ContainsRegex("frame #|\\.cpp|Exception raised|gloo|c10")));
  return result;
}

// In a process of its own, because the environment is changed. True when nothing failed there.
bool alone(const std::function<void()>& work) {
  return test::in_processes(1, [&](int) {
           work();
           return 1;
         }) == std::vector<int>{1};
}

TEST(GroupMembers, ARankThatDoesNotComeIsNamedWithTheAddressItMisses) {
  EXPECT_TRUE(alone([] {
    const int port = test::free_port();
    be(0, 3, "127.0.0.1", port);
    const Refusal refused = refusal();
    EXPECT_EQ(refused.code, ExitCode::kFailure);
    const std::string address = "127.0.0.1:" + std::to_string(port);
    EXPECT_THAT(refused.announced, HasSubstr("waiting for rank 1, 2 of 3 to come to " + address));
    EXPECT_THAT(refused.message, HasSubstr("rank 1, 2 of 3 did not come to " + address));
    EXPECT_THAT(refused.message, HasSubstr("train.group_minutes"));
  }));
}

TEST(GroupMembers, AMasterThatIsNotThereIsNamedWithWhatWasInTheWay) {
  EXPECT_TRUE(alone([] {
    const int port = test::free_port();
    be(1, 2, "127.0.0.1", port);
    const Refusal refused = refusal();
    EXPECT_EQ(refused.code, ExitCode::kFailure);
    const std::string expected = "rank 0 at 127.0.0.1:" + std::to_string(port);
    EXPECT_THAT(refused.announced, HasSubstr("waiting for " + expected + ": Connection refused"));
    EXPECT_THAT(refused.message, HasSubstr(expected));
    be(1, 2, "no-such-host.invalid", port);
    EXPECT_THAT(refusal().message, HasSubstr("the host is unknown"));
  }));
}

TEST(GroupMembers, ASignalEndsTheWait) {
  EXPECT_TRUE(alone([] {
    const StopSignal guard;
    ::raise(SIGTERM);
    for (const int rank : {0, 1}) {
      be(rank, 2, "127.0.0.1", test::free_port());
      try {
        Distributed::from_environment();
        ADD_FAILURE() << "joined";
      } catch (const Failure& failure) {
        EXPECT_EQ(failure.code(), ExitCode::kTerminated);
        EXPECT_THAT(failure.what(), HasSubstr("stopped while waiting for the group at 127.0.0.1"));
      }
    }
  }));
}

TEST(GroupMembers, APortOfAnotherProgramIsSaidAtOnce) {
  EXPECT_TRUE(alone([] {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    ::bind(listener, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener, 8);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    be(0, 2, "127.0.0.1", ntohs(address.sin_port));
    EXPECT_THAT(refusal().message, HasSubstr("cannot serve its group at 127.0.0.1"));
    be(1, 2, "127.0.0.1", ntohs(address.sin_port));
    EXPECT_THAT(refusal().message, HasSubstr("got no answer from rank 0"));
  }));
}

TEST(GroupMembers, TwoProcessesOfOneRankOrOfTwoSizesAreRefused) {
  const auto refused_as = [](int rank, int second_rank, int second_size, const char* expected) {
    const std::vector<int> values = test::in_processes(2, [&](int process) {
      if (process == 1) be(second_rank, second_size, "127.0.0.1", std::atoi(std::getenv("MASTER_PORT")));
      if (process == 0) ::setenv("RANK", std::to_string(rank).c_str(), 1);
      if (process == 1) ::usleep(500'000);
      GroupPatience patience;
      patience.limit = std::chrono::seconds(3);
      try {
        Distributed::from_environment(patience);
      } catch (const Failure& failure) {
        if (process == 0) return 1;  // nobody came, or the other left
        EXPECT_EQ(failure.code(), ExitCode::kUsage);
        EXPECT_THAT(failure.what(), HasSubstr(expected));
        return 1;
      }
      return 0;
    });
    EXPECT_EQ(values, (std::vector<int>{1, 1}));
  };
  refused_as(0, 1, 3, "rank 1 has WORLD_SIZE=3, another process of its group 2");
}

// Sums until a member is lost; the message of that.
std::string lost_in(Distributed& group) {
  try {
    for (;;) {
      std::vector<torch::Tensor> tensors{torch::ones({1000})};
      group.sum(tensors);
    }
  } catch (const MemberLost& lost) {
    return lost.what();
  }
}

TEST(GroupMembers, AProcessThatEndsIsNamedByAllOthers) {
  for (const int gone : {1, 0}) {  // rank 0 also serves the store
    const std::vector<int> values = test::in_processes(3, [&](int rank) {
      Distributed group = Distributed::from_environment();
      std::vector<torch::Tensor> tensors{torch::ones({2})};
      group.sum(tensors);
      ::sleep(2);
      if (rank == gone) ::_exit(7);
      const std::string name = "rank " + std::to_string(gone) + " (host ";
      EXPECT_THAT(lost_in(group), testing::AllOf(testing::StartsWith(name), HasSubstr(", process ")));
      return 1;
    });
    for (int rank = 0; rank < 3; ++rank) EXPECT_EQ(values[static_cast<std::size_t>(rank)], rank == gone ? 7 : 1);
  }
}

TEST(GroupMembers, AProcessThatHangsIsAnnouncedAndGivenUpAfterTheLimit) {
  const std::vector<int> values = test::in_processes(2, [](int rank) {
    std::string announced;
    GroupPatience patience;
    patience.limit = std::chrono::seconds(5);
    patience.announced_after = std::chrono::seconds(2);
    patience.warn = [&](const std::string& line) { announced += line; };
    Distributed group = Distributed::from_environment(patience);
    std::vector<torch::Tensor> tensors{torch::ones({2})};
    group.sum(tensors);
    if (rank == 1) {
      const pid_t self = ::getpid();
      if (::fork() == 0) {
        ::sleep(15);
        ::kill(self, SIGKILL);
        ::_exit(0);
      }
      ::raise(SIGSTOP);
    }
    EXPECT_THAT(lost_in(group), testing::StartsWith("rank 1 (host "));
    EXPECT_THAT(announced, testing::ContainsRegex("waiting for rank 1 .*no sign of life"));
    return 1;
  });
  EXPECT_EQ(values, (std::vector<int>{1, -2}));
}

TEST(GroupMembers, AProcessThatComputesForLongIsWaitedFor) {
  const std::vector<int> values = test::in_processes(2, [](int rank) {
    GroupPatience patience;
    patience.limit = std::chrono::seconds(3);
    Distributed group = Distributed::from_environment(patience);
    if (rank == 0) ::sleep(6);
    std::vector<torch::Tensor> tensors{torch::ones({2})};
    group.sum(tensors);
    const bool right = tensors[0].eq(2.0).all().item<bool>();
    group.sum(tensors);
    return right ? 1 : 0;
  });
  EXPECT_EQ(values, (std::vector<int>{1, 1}));
}

}  // namespace
}  // namespace noggin::train::group_members
