// Temporary file in the target's folder, fsync, rename, fsync of the folder.
#include "bytes/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "bytes/sync_folder.h"

namespace noggin {
namespace {

Error cannot_write(const std::string& path, const char* step, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG || error == ENOMEM;
  const char* advice =
      full ? "Free some space or write to another disk" : "Check that the folder exists and is writable";
  return {full ? ErrorCode::kOutOfSpace : ErrorCode::kIo,
          path + ": cannot be written (" + step + ": " + std::strerror(error) + "). " + advice};
}

// A new file next to `path` that nobody else has open; its name tells where it belongs if a crash leaves it behind.
int create_temporary(const std::string& path, std::string& temporary) {
  for (unsigned attempt = 0; attempt < 1000; ++attempt) {
    temporary = path + ".tmp-" + std::to_string(getpid()) + "-" + std::to_string(attempt);
    const int descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

// 0, or errno.
int write_all(int descriptor, const void* bytes, std::size_t size) {
  const auto* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = write(descriptor, from, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return EIO;
    from += written;
    size -= static_cast<std::size_t>(written);
  }
  return 0;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

AtomicFile::AtomicFile(std::string path, std::string temporary, int descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() {
  if (descriptor_ < 0) return;
  close(std::exchange(descriptor_, -1));
  unlink(temporary_.c_str());
}

Result<AtomicFile> AtomicFile::create(const std::string& path) {
  std::string temporary;
  const int descriptor = create_temporary(path, temporary);
  if (descriptor < 0) return cannot_write(path, "creating a temporary file next to it", errno);
  return AtomicFile(path, std::move(temporary), descriptor);
}

Status AtomicFile::append(const void* bytes, std::size_t size) {
  const int error = write_all(descriptor_, bytes, size);
  if (error == 0) return {};
  discard();
  return cannot_write(path_, "writing", error);
}

Status AtomicFile::replace_start(std::string_view text) {
  const ssize_t written = pwrite(descriptor_, text.data(), text.size(), 0);  // within the file, so it needs no space
  if (written == static_cast<ssize_t>(text.size())) return {};
  const int error = written < 0 ? errno : EIO;
  discard();
  return cannot_write(path_, "writing", error);
}

Status AtomicFile::commit() {
  const char* step = "flushing to disk";
  int error = fsync(descriptor_) == 0 ? 0 : errno;
  if (close(std::exchange(descriptor_, -1)) != 0 && error == 0) error = errno, step = "closing";
  if (error == 0 && std::rename(temporary_.c_str(), path_.c_str()) != 0) error = errno, step = "renaming into place";
  if (error != 0) {
    unlink(temporary_.c_str());
    return cannot_write(path_, step, error);
  }
  error = sync_folder(folder_of(path_));
  if (error != 0) return cannot_write(path_, "flushing its folder to disk", error);
  return {};
}

Status write_file_atomically(const std::string& path, const void* bytes, std::size_t size) {
  Result<AtomicFile> file = AtomicFile::create(path);
  if (!file) return file.error();
  if (Status status = file->append(bytes, size); !status) return status;
  return file->commit();
}

}  // namespace noggin
