#include "train/run/file_hash.h"

#include <sys/stat.h>

#include <array>
#include <ctime>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "bytes/content_hash.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

// Everything that changes with a file's contents, as far as the system tells.
using FileState = std::array<std::int64_t, 5>;

// None for a file that may yet change without a new time: clocks of file systems tick in steps of up to two seconds.
std::optional<FileState> settled_state(const std::string& path) {
  constexpr std::time_t kTick = 3;
  struct stat now = {};
  if (::stat(path.c_str(), &now) != 0 || !S_ISREG(now.st_mode)) return std::nullopt;
  if (std::time(nullptr) - now.st_ctim.tv_sec < kTick) return std::nullopt;
  return FileState{static_cast<std::int64_t>(now.st_dev), static_cast<std::int64_t>(now.st_ino), now.st_size,
                   now.st_ctim.tv_sec, now.st_ctim.tv_nsec};
}

std::uint64_t hash_of_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> piece(std::size_t{1} << 20);
  ContentHasher hasher;
  do {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hasher.update(piece.data(), static_cast<std::size_t>(file.gcount()));
  } while (file);
  if (!file.eof()) {
    throw Failure(ExitCode::kBadData, path + ": cannot be read. Fix: check the path and its permissions");
  }
  return hasher.digest();
}

}  // namespace

std::uint64_t hash_file(const std::string& path) {
  static std::mutex mutex;
  static std::map<FileState, std::uint64_t> known;
  const std::optional<FileState> state = settled_state(path);
  if (state) {
    const std::lock_guard guard(mutex);
    if (const auto found = known.find(*state); found != known.end()) return found->second;
  }
  const std::uint64_t hash = hash_of_bytes(path);
  if (state && settled_state(path) == state) {
    const std::lock_guard guard(mutex);
    known[*state] = hash;
  }
  return hash;
}

}  // namespace noggin::train
