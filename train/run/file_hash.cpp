#include "train/run/file_hash.h"

#include <sys/stat.h>

#include <array>
#include <charconv>
#include <ctime>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "bytes/content_hash.h"
#include "bytes/hex.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

// Everything that changes with a file's contents, as far as the system tells.
using FileState = std::array<std::int64_t, 5>;
constexpr std::size_t kBytes = 2;  // where it has the size

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

// A line of the memory; the file's name is for people.
std::string line_of(const std::string& path, const FileState& state, std::uint64_t hash) {
  const nlohmann::ordered_json line = {{"file", path}, {"state", state}, {"xxh3", hex(hash)}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::optional<std::pair<FileState, std::uint64_t>> read_line(const std::string& text) {
  const nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
  try {
    const std::string digits = line.at("xxh3").get<std::string>();
    std::uint64_t hash = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), hash, 16);
    if (code != std::errc() || digits.size() != hex(hash).size() || end != digits.data() + digits.size())
      return std::nullopt;
    return std::pair(line.at("state").get<FileState>(), hash);
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // damaged, or the last line of a killed process
  }
}

class FileHashes {
 public:
  std::optional<std::uint64_t> find(const FileState& state) {
    const std::lock_guard guard(mutex_);
    const auto found = known_.find(state);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
  }

  void add(const std::string& path, const FileState& state, std::uint64_t hash) {
    const std::lock_guard guard(mutex_);
    known_[state] = hash;
    if (memory_.empty() || state[kBytes] < static_cast<std::int64_t>(kWorthRemembering)) return;
    std::ofstream(memory_, std::ios::binary | std::ios::app) << line_of(path, state, hash) << std::flush;
  }

  void remember(const std::string& memory) {
    const std::lock_guard guard(mutex_);
    memory_ = memory;
    std::ifstream file(memory, std::ios::binary);
    for (std::string line; std::getline(file, line);)
      if (const auto entry = read_line(line)) known_.insert(*entry);
  }

 private:
  std::mutex mutex_;
  std::map<FileState, std::uint64_t> known_;
  std::string memory_;
};

FileHashes& file_hashes() {
  static FileHashes hashes;
  return hashes;
}

}  // namespace

std::uint64_t hash_file(const std::string& path) {
  const std::optional<FileState> state = settled_state(path);
  if (state)
    if (const std::optional<std::uint64_t> known = file_hashes().find(*state)) return *known;
  const std::uint64_t hash = hash_of_bytes(path);
  if (state && settled_state(path) == state) file_hashes().add(path, *state, hash);
  return hash;
}

void remember_file_hashes(const std::string& memory) { file_hashes().remember(memory); }

}  // namespace noggin::train
