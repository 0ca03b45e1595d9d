#include "train/run/run_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "train/run/failure.h"
#include "train/run/utc_time.h"

namespace noggin::train {
namespace {

std::string lock_path(const std::string& folder) { return folder + "/" + RunLock::kFile; }

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string holder_json(const std::string& verb) {
  const nlohmann::ordered_json holder{
      {"command", "noggin " + verb}, {"process", ::getpid()}, {"host", host_name()}, {"since", utc_time()}};
  return holder.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

// What the holder wrote, for people. It may be about to write.
std::string read_holder(int descriptor) {
  std::array<char, 1024> bytes{};
  const ssize_t count = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  if (count <= 0) return "another process";
  const auto json = nlohmann::json::parse(bytes.data(), bytes.data() + count, nullptr, false);
  try {
    return fmt::format("{}, process {} on host {}, since {}", json.at("command").get<std::string>(),
                       json.at("process").get<long>(), json.at("host").get<std::string>(),
                       json.at("since").get<std::string>());
  } catch (const nlohmann::json::exception&) {
    return "another process";
  }
}

// A lock of the open file, not of the process: it ends with the last descriptor of this opening.
int lock(int descriptor) {
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(descriptor, F_OFD_SETLK, &whole) == 0 ? 0 : errno;
}

bool is_held(int error) { return error == EAGAIN || error == EACCES; }

bool has_no_locks(int error) {
  return error == ENOLCK || error == ENOSYS || error == EOPNOTSUPP || error == ENOTSUP || error == EINVAL;
}

}  // namespace

RunLock::RunLock(const std::string& folder, const std::string& verb) {
  const std::string path = lock_path(folder);
  // Without O_NONBLOCK, a FIFO of that name would wait for ever.
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
  if (descriptor_ < 0) {
    throw Failure(ExitCode::kOutput,
                  fmt::format("{} cannot be written: {}. Fix: choose another --out", path, std::strerror(errno)));
  }
  const int error = lock(descriptor_);
  if (is_held(error)) {
    const std::string holder = read_holder(descriptor_);
    ::close(std::exchange(descriptor_, -1));
    throw Failure(ExitCode::kOutput, fmt::format("{} is in use by {}. Fix: wait for it, stop it, or choose another "
                                                 "run directory",
                                                 folder, holder));
  }
  if (error != 0 && !has_no_locks(error)) {
    ::close(std::exchange(descriptor_, -1));
    throw Failure(ExitCode::kOutput,
                  fmt::format("{} cannot be locked: {}. Fix: choose another --out", path, std::strerror(error)));
  }
  if (error != 0) obstacle_ = std::strerror(error);
  const std::string holder = holder_json(verb);
  // For people: a disk too full for it fails at the first file that counts.
  if (::ftruncate(descriptor_, 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(descriptor_, holder.data(), holder.size(), 0);
  }
}

RunLock::RunLock(RunLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), obstacle_(std::move(other.obstacle_)) {}

RunLock::~RunLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool RunLock::marks(const std::string& folder) {
  std::error_code error;
  return std::filesystem::is_regular_file(lock_path(folder), error);
}

}  // namespace noggin::train
