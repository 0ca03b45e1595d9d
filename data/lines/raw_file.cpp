#include "data/lines/raw_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace noggin::data {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

Error shortened(const std::string& path, std::uint64_t had, std::uint64_t has) {
  return Error{ErrorCode::kIo,
               fmt::format("{}: had {} bytes when it was opened and ends after {}: it was shortened while it was read. "
                           "Fix: read a copy that nobody writes to",
                           path, had, has)};
}

}  // namespace

RawFile::RawFile(int descriptor, std::string path, std::uint64_t size)
    : descriptor_(descriptor), path_(std::move(path)), size_(size) {}

RawFile::~RawFile() { ::close(descriptor_); }

Result<std::unique_ptr<RawFile>> RawFile::open(const std::string& path, ByteRange range) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    const int code = errno;
    return Error{
        code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
        fmt::format("{}: cannot be opened: {}. Fix: check the path (paths in a recipe are relative to the recipe)",
                    path, std::strerror(code))};
  }
  struct stat info {};
  const bool known = ::fstat(descriptor, &info) == 0;
  std::unique_ptr<RawFile> file(new RawFile(descriptor, path, known ? static_cast<std::uint64_t>(info.st_size) : 0));
  if (known && !S_ISREG(info.st_mode)) {
    return Error{ErrorCode::kIo,
                 path + (S_ISDIR(info.st_mode) ? ": is a folder. Fix: name a file in it"
                                               : ": is a pipe, a socket or a device. Fix: name a file; what is read "
                                                 "more than once cannot be a stream")};
  }
  if (range.end != 0) {
    if (known && file->size_ < range.end) return shortened(path, range.end, file->size_);
    file->size_ = range.end - range.begin;
    ::lseek(descriptor, static_cast<off_t>(range.begin), SEEK_SET);
  }
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return file;
}

Result<std::size_t> RawFile::read(std::span<char> buffer) {
  const std::size_t wanted =
      size_ == 0 ? buffer.size() : static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size_ - bytes_));
  ssize_t count = 0;
  do count = ::read(descriptor_, buffer.data(), wanted);
  while (count < 0 && errno == EINTR);
  if (count < 0) {
    const std::string reason = std::strerror(errno);
    return Error{ErrorCode::kIo, fmt::format("{}: reading failed after {} bytes: {}. Fix: check the disk or the mount, "
                                             "then run again",
                                             path_, bytes_, reason)};
  }
  if (count == 0 && bytes_ < size_) return shortened(path_, size_, bytes_);
  bytes_ += static_cast<std::uint64_t>(count);
  hasher_.update(buffer.data(), static_cast<std::size_t>(count));
  return static_cast<std::size_t>(count);
}

Status RawFile::refill() {
  if (begin_ != end_) return {};
  chunk_.resize(kChunkBytes);
  const Result<std::size_t> count = read(chunk_);
  if (!count) return count.error();
  begin_ = 0;
  end_ = *count;
  return {};
}

Error changed_meanwhile(const std::string& path) {
  return Error{ErrorCode::kIo, path + ": the file changed while it was read. Fix: run again when it is complete"};
}

Result<FileDigest> digest_of_file(const std::string& path) {
  const Result<std::unique_ptr<RawFile>> file = RawFile::open(path);
  if (!file) return file.error();
  std::vector<char> buffer(std::size_t{1} << 18);
  while (true) {
    const Result<std::size_t> count = (*file)->read(buffer);
    if (!count) return count.error();
    if (*count == 0) return FileDigest{(*file)->bytes(), (*file)->hash()};
  }
}

}  // namespace noggin::data
