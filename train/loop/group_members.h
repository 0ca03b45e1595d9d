// Who belongs to a group of processes, and who of them lives: kept in the group's key-value store (c10d's TCPStore,
// which rank 0 or the launcher serves). Every member writes a sign of life once a second, from a thread of its own, so
// that a process that evaluates for minutes is not taken for one that is gone.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "train/run/distributed_environment.h"

namespace noggin::train {

struct GroupPatience {
  std::chrono::duration<double> limit = std::chrono::minutes(5);  // the recipe's train.group_minutes
  std::function<void(const std::string&)> warn = [](const std::string&) {};
  // A wait that lasts longer is announced once, with who is waited for.
  std::chrono::duration<double> announced_after = std::chrono::seconds(10);
};

// For every wait here: throws Failure when a signal has asked this process to stop.
void throw_if_stopped(const GroupPlace& place);

class GroupMembers {
 public:
  using Seconds = std::chrono::duration<double>;

  // Returns when every member has arrived. Throws Failure: kFailure, naming who is missing and where it was expected,
  // after patience.limit; kUsage if two processes have one rank or they disagree about WORLD_SIZE; the code of a signal
  // that has asked this process to stop.
  static std::unique_ptr<GroupMembers> gather(const GroupPlace& place, const GroupPatience& patience);
  ~GroupMembers();

  const c10::intrusive_ptr<c10d::Store>& store() const { return store_; }

  // "rank 1 (host node7, process 4242)"
  std::string name(std::uint32_t rank) const;
  // The other member that has given no sign of life for the longest time, if that is at least `age`.
  std::optional<std::uint32_t> silent_for(Seconds age) const;

 private:
  using Clock = std::chrono::steady_clock;
  GroupMembers(const GroupPlace& place, c10::intrusive_ptr<c10d::Store> store);
  void call_roll(const GroupPatience& patience);
  void exchange_signs(c10d::Store& store);  // of the thread

  GroupPlace place_;
  c10::intrusive_ptr<c10d::Store> store_;
  std::vector<std::string> names_;  // [world_size], complete after the roll call
  mutable std::mutex mutex_;
  std::condition_variable end_;
  bool ending_ = false;
  bool store_lost_ = false;
  std::vector<Clock::time_point> last_sign_;  // [world_size]
  std::thread thread_;
};

}  // namespace noggin::train
