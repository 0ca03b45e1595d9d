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

constexpr std::size_t kSecond = 3;  // and the second of its last change

std::optional<FileState> state_of(const std::string& path) {
  struct stat now = {};
  if (::stat(path.c_str(), &now) != 0 || !S_ISREG(now.st_mode)) return std::nullopt;
  return FileState{static_cast<std::int64_t>(now.st_dev), static_cast<std::int64_t>(now.st_ino), now.st_size,
                   now.st_ctim.tv_sec, now.st_ctim.tv_nsec};
}

// None for a file that may yet change without a new time: clocks of file systems tick in steps of up to two seconds.
std::optional<FileState> settled_state(const std::string& path) {
  constexpr std::time_t kTick = 3;
  const std::optional<FileState> state = state_of(path);
  return state && std::time(nullptr) - (*state)[kSecond] >= kTick ? state : std::nullopt;
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
  std::optional<std::uint64_t> find(const FileState& state) { return find_in(known_, state); }
  std::optional<std::uint64_t> find_own(const FileState& state) { return find_in(own_, state); }

  void add_own(const FileState& state, std::uint64_t hash) {
    const std::lock_guard guard(mutex_);
    own_[state] = hash;
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
  using Hashes = std::map<FileState, std::uint64_t>;

  std::optional<std::uint64_t> find_in(const Hashes& hashes, const FileState& state) {
    const std::lock_guard guard(mutex_);
    const auto found = hashes.find(state);
    return found == hashes.end() ? std::nullopt : std::optional(found->second);
  }

  std::mutex mutex_;
  Hashes known_;
  Hashes own_;  // of files that this process has written
  std::string memory_;
};

FileHashes& file_hashes() {
  static FileHashes hashes;
  return hashes;
}

}  // namespace

std::uint64_t hash_file(const std::string& path) {
  return hash_file(path, [&path] { return hash_of_bytes(path); });
}

std::uint64_t hash_file(const std::string& path, const std::function<std::uint64_t()>& read) {
  if (const std::optional<FileState> now = state_of(path))
    if (const std::optional<std::uint64_t> own = file_hashes().find_own(*now)) return *own;
  const std::optional<FileState> state = settled_state(path);
  if (state)
    if (const std::optional<std::uint64_t> known = file_hashes().find(*state)) return *known;
  const std::uint64_t hash = read();
  if (state && settled_state(path) == state) file_hashes().add(path, *state, hash);
  return hash;
}

void know_file_hash(const std::string& path, std::uint64_t hash) {
  if (const std::optional<FileState> state = state_of(path)) file_hashes().add_own(*state, hash);
}

void remember_file_hashes(const std::string& memory) { file_hashes().remember(memory); }

}  // namespace noggin::train
