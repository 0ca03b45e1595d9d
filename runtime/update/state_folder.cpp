#include "update/state_folder.h"

#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "bytes/atomic_file.h"
#include "bytes/message.h"
#include "update/blake2b.h"
#include "update/record.h"

namespace noggin::update {
namespace {

namespace fs = std::filesystem;

constexpr const char *kRecordFile = "/state.json", *kModels = "/models", *kLockFile = "/lock";
constexpr int kLockTries = 100, kLockPauseMs = 100;
constexpr std::size_t kNameDigits = 32;  // of a model's hash: its file's name

Error cannot_make(const std::string& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return {full ? ErrorCode::kOutOfSpace : ErrorCode::kIo, message({path, " cannot be made (", std::strerror(error),
                                                                   "). Fix: check that its folder exists, is writable "
                                                                   "and has space"})};
}

Status make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0777) == 0) return {};
  const int error = errno;
  struct stat status {};
  if (error == EEXIST && stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
  return cannot_make(path, error);
}

}  // namespace

bool Record::revokes(const KeptModel& model) const {
  for (const std::string& hash : revoked)
    if (hash == model.content_hash) return true;
  return false;
}

Result<StateLock> StateLock::take(const std::string& folder) {
  const std::string path = folder + kLockFile;
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
  if (descriptor < 0) return cannot_make(path, errno);
  StateLock lock(descriptor);
  for (int i = 0; i < kLockTries; ++i) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK && errno != EINTR) return cannot_make(path, errno);
    poll(nullptr, 0, kLockPauseMs);
  }
  return Error{ErrorCode::kIo, message({folder, " is in use by another process. Fix: wait until it has ended"})};
}

StateLock::StateLock(StateLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

StateLock::~StateLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool StateFolder::exists() const {
  std::error_code error;
  return fs::is_regular_file(path_ + kRecordFile, error);
}

Status StateFolder::create() const {
  if (Status status = make_folder(path_); !status) return status;
  return make_folder(path_ + kModels);
}

Result<Record> StateFolder::load() const {
  const std::string path = path_ + kRecordFile;
  std::ifstream file(path, std::ios::binary);
  if (!exists() || !file) {
    return Error{ErrorCode::kNotFound, message({path_,
                                                " holds no state of updates. Fix: run the first update with a "
                                                "public key, and name the same folder"})};
  }
  std::string text(kMostRecordBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  Result<Record> record = parse_record(text);
  if (record) return record;
  return Error{ErrorCode::kCorrupt, message({path, ": ", record.error().message,
                                             ". Fix: remove the folder and update again with the public key"})};
}

Status StateFolder::save(const Record& record) const {
  const std::string text = record_json(record);
  return write_file_atomically(path_ + kRecordFile, text.data(), text.size());
}

std::string StateFolder::model_path(const KeptModel& model) const {
  return path_ + kModels + "/" + model.hash.substr(0, kNameDigits) + ".nog";
}

void StateFolder::sweep(const Record& record) const {
  std::error_code error;
  const auto kept = [&](const std::optional<KeptModel>& model, const fs::path& file) {
    return model && fs::path(model_path(*model)).filename() == file.filename();
  };
  std::vector<fs::path> rubbish;
  for (const auto& entry : fs::directory_iterator(path_ + kModels, error))
    if (!kept(record.current, entry.path()) && !kept(record.previous, entry.path())) rubbish.push_back(entry.path());
  for (const auto& entry : fs::directory_iterator(path_, error))
    if (entry.path().filename().string().starts_with("state.json.tmp-")) rubbish.push_back(entry.path());
  for (const fs::path& path : rubbish) unlink(path.c_str());
}

std::string random_device_id() {
  std::array<unsigned char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return hexadecimal(bytes);
}

}  // namespace noggin::update
