// What a device keeps: models/HASH.nog, one record that is replaced as a whole (state.json), and a file to lock. The
// record alone says which models count; a file that it does not name is rubbish that the next update sweeps away. So
// each change is: write and flush the files it names, then the record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "noggin/result.h"
#include "update/minisign.h"

namespace noggin::update {

struct KeptModel {
  std::string hash;          // BLAKE2b-256 of the file
  std::string content_hash;  // as `noggin-run --info` shows it
  bool operator==(const KeptModel&) const = default;
};

enum class Trial : unsigned char {
  kPassed,   // the current model has started here
  kNew,      // it has not been started yet
  kStarted,  // it was started, and nobody has confirmed that it works
};

// The offer that this device does not take again: a model that failed its first start, or that was left by a rollback.
struct FailedOffer {
  std::string hash;
  std::uint64_t serial = 0;
  bool operator==(const FailedOffer&) const = default;
};

struct Record {
  std::string device_id;               // 32 random hexadecimal digits, made with the state
  std::optional<PublicKey> key;        // what manifests must be signed with
  std::optional<PublicKey> successor;  // or with this one, which `key` has named
  std::uint64_t serial = 0;            // of the newest manifest that was accepted,
  std::string manifest;                // its hash (empty: none yet),
  std::uint64_t newest_time = 0;       // and the latest `created` of all accepted ones: a clock that cannot be set back
  std::optional<KeptModel> current, previous;
  Trial trial = Trial::kPassed;
  std::optional<FailedOffer> failed;
  std::vector<std::string> revoked;  // content hashes, of the newest manifest

  bool revokes(const KeptModel& model) const;
  bool operator==(const Record&) const = default;
};

// A lock on the folder for one process and thread at a time; released with its owner, and by the system when the
// process ends.
class StateLock {
 public:
  // Waits up to ten seconds for another holder. kIo.
  static Result<StateLock> take(const std::string& folder);
  StateLock(StateLock&& other) noexcept;
  StateLock& operator=(StateLock&&) = delete;
  ~StateLock();

 private:
  explicit StateLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

class StateFolder {
 public:
  explicit StateFolder(std::string path) : path_(std::move(path)) {}

  bool exists() const;    // whether it has a record
  Status create() const;  // the folders; an existing one is left as it is
  // kNotFound: no record; kCorrupt: one that nobody has written.
  Result<Record> load() const;
  Status save(const Record& record) const;
  std::string model_path(const KeptModel& model) const;
  // Removes every model that the record does not name, and what a cut left behind. What cannot be removed stays.
  void sweep(const Record& record) const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// 32 hexadecimal digits.
std::string random_device_id();

}  // namespace noggin::update
