#include "train/loop/group_members.h"

#include <c10/util/Logging.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <future>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "train/loop/group_address.h"
#include "train/run/failure.h"
#include "train/run/progress.h"
#include "train/run/stop_signal.h"

namespace noggin::train {
namespace {

std::string store_key(const char* kind, std::uint32_t rank) { return fmt::format("{}/{}", kind, rank); }

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = {};
  return ::gethostname(name, HOST_NAME_MAX) == 0 ? name : "unknown";
}

// LibTorch logs broken connections with its own stack frames; what matters of them is said here. TORCH_CPP_LOG_LEVEL
// brings them back.
void quieten_libtorch() {
  if (std::getenv("TORCH_CPP_LOG_LEVEL") != nullptr) return;
  c10::initLogging();
  FLAGS_caffe2_log_level = c10::GLOG_FATAL;
}

// LibTorch waits without a limit for the answer of whatever listens at the address, so it does that on a thread of its
// own, which is left behind when it takes too long.
c10::intrusive_ptr<c10d::Store> connected_store(const GroupPlace& place, const GroupPatience& patience) {
  using StorePointer = c10::intrusive_ptr<c10d::Store>;
  const bool serves = place.rank == 0 && !place.launcher_serves;
  if (!serves) await_master(place, patience);
  c10d::TCPStoreOptions options;
  options.port = place.master_port;
  options.isServer = serves;
  options.numWorkers = place.world_size;
  options.waitWorkers = false;
  options.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(patience.limit);
  std::packaged_task<StorePointer()> connecting([host = place.master_host, attempt = place.attempt, options] {
    // Keys of an attempt that torchrun has restarted name processes that are gone.
    return StorePointer(c10::make_intrusive<c10d::PrefixStore>(fmt::format("noggin/{}", attempt),
                                                               c10::make_intrusive<c10d::TCPStore>(host, options)));
  });
  std::future<StorePointer> connected = connecting.get_future();
  std::thread(std::move(connecting)).detach();
  if (connected.wait_for(patience.announced_after) != std::future_status::ready) {
    patience.warn(fmt::format("waiting for rank 0 at {}: no answer yet", place.address()));
  }
  try {
    if (connected.wait_for(patience.limit) == std::future_status::ready) return connected.get();
  } catch (const std::exception&) {  // its text is about sockets of LibTorch
  }
  throw Failure(ExitCode::kFailure,
                serves ? fmt::format("rank 0 cannot serve its group at {}. Fix: MASTER_ADDR must be this machine and "
                                     "MASTER_PORT a port that no other program uses",
                                     place.address())
                       : fmt::format("rank {} of {} got no answer from rank 0 at {}. Fix: check that rank 0 of this "
                                     "training runs there, and no other program",
                                     place.rank, place.world_size, place.address()));
}

}  // namespace

void throw_if_stopped(const GroupPlace& place) {
  if (!StopSignal::requested()) return;
  throw Failure(StopSignal::exit_code(),
                fmt::format("stopped while waiting for the group at {}; nothing was changed", place.address()));
}

GroupMembers::GroupMembers(const GroupPlace& place, c10::intrusive_ptr<c10d::Store> store)
    : place_(place), store_(std::move(store)), names_(place.world_size), last_sign_(place.world_size, Clock::now()) {}

std::unique_ptr<GroupMembers> GroupMembers::gather(const GroupPlace& place, const GroupPatience& patience) {
  quieten_libtorch();
  std::unique_ptr<GroupMembers> members(new GroupMembers(place, connected_store(place, patience)));
  try {
    members->call_roll(patience);
    members->last_sign_.assign(place.world_size, Clock::now());
    // A connection of its own: the group's may block in a wait.
    members->thread_ =
        std::thread([self = members.get(), store = members->store_->clone()] { self->exchange_signs(*store); });
  } catch (const c10::Error&) {
    throw Failure(ExitCode::kFailure, fmt::format("rank {} of {} lost rank 0 at {} before the training began. Fix: see "
                                                  "that process's own message, then start all processes again",
                                                  place.rank, place.world_size, place.address()));
  }
  return members;
}

GroupMembers::~GroupMembers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  end_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void GroupMembers::call_roll(const GroupPatience& patience) {
  const std::string size = std::to_string(place_.world_size);
  const std::string agreed = store_->compareSet("world_size", std::string(), size);
  if (agreed != size) {
    throw Failure(ExitCode::kUsage, fmt::format("rank {} has WORLD_SIZE={}, another process of its group {}. Fix: give "
                                                "all processes the same",
                                                place_.rank, size, agreed));
  }
  if (store_->add(store_key("arrivals", place_.rank), 1) > 1) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("two processes have RANK={} in the group at {}. Fix: give every process "
                              "its own rank from 0 to {}",
                              place_.rank, place_.address(), place_.world_size - 1));
  }
  store_->set(store_key("sign", place_.rank), std::string("0"));
  store_->set(store_key("name", place_.rank), fmt::format("host {}, process {}", host_name(), ::getpid()));
  const Clock::time_point start = Clock::now();
  bool announced = false;
  for (;;) {
    std::vector<std::uint32_t> missing;
    for (std::uint32_t rank = 0; rank < place_.world_size; ++rank) {
      if (!names_[rank].empty()) continue;
      if (store_->check({store_key("name", rank)}))
        names_[rank] = store_->get_to_str(store_key("name", rank));
      else
        missing.push_back(rank);
    }
    if (missing.empty()) return;
    const Seconds waited = Clock::now() - start;
    if (waited >= patience.limit) {
      throw Failure(
          ExitCode::kFailure,
          fmt::format("rank {} of {} did not come to {} in {}. Fix: start every rank, with this MASTER_ADDR and "
                      "MASTER_PORT; train.group_minutes is how long to wait",
                      fmt::join(missing, ", "), place_.world_size, place_.address(),
                      format_duration(patience.limit.count())));
    }
    if (!announced && waited >= patience.announced_after) {
      patience.warn(fmt::format("waiting for rank {} of {} to come to {}", fmt::join(missing, ", "), place_.world_size,
                                place_.address()));
      announced = true;
    }
    throw_if_stopped(place_);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void GroupMembers::exchange_signs(c10d::Store& store) {
  std::vector<std::string> keys, last(place_.world_size);
  for (std::uint32_t rank = 0; rank < place_.world_size; ++rank) keys.push_back(store_key("sign", rank));
  for (std::uint64_t count = 1;; ++count) {
    try {
      store.set(keys[place_.rank], std::to_string(count));
      const std::vector<std::vector<std::uint8_t>> signs = store.multiGet(keys);
      const std::lock_guard lock(mutex_);
      for (std::uint32_t rank = 0; rank < place_.world_size; ++rank) {
        std::string sign(signs[rank].begin(), signs[rank].end());
        if (sign == last[rank]) continue;
        last[rank] = std::move(sign);
        last_sign_[rank] = Clock::now();
      }
    } catch (const std::exception&) {  // whoever serves the store is gone
      const std::lock_guard lock(mutex_);
      store_lost_ = true;
      return;
    }
    std::unique_lock lock(mutex_);
    if (end_.wait_for(lock, std::chrono::seconds(1), [this] { return ending_; })) return;
  }
}

std::string GroupMembers::name(std::uint32_t rank) const { return fmt::format("rank {} ({})", rank, names_[rank]); }

std::optional<std::uint32_t> GroupMembers::silent_for(Seconds age) const {
  const std::lock_guard lock(mutex_);
  std::optional<std::uint32_t> oldest;
  for (std::uint32_t rank = 0; rank < place_.world_size; ++rank) {
    if (rank != place_.rank && (!oldest || last_sign_[rank] < last_sign_[*oldest])) oldest = rank;
  }
  if (!oldest || Clock::now() - last_sign_[*oldest] < age) return std::nullopt;
  // Without the store nobody's signs arrive. Who served it is gone, unless another fell silent clearly before.
  constexpr Seconds kBefore{2.5};
  if (store_lost_ && !place_.launcher_serves && place_.rank != 0 && last_sign_[0] - last_sign_[*oldest] < kBefore) {
    return 0;
  }
  return oldest;
}

}  // namespace noggin::train
