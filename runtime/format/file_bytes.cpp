#include "format/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "bytes/message.h"
#include "format/file_layout.h"

namespace noggin::format {
namespace {

Error cannot_open(const std::string& path, int error) {
  const bool absent = error == ENOENT || error == ENOTDIR, memory = error == ENOMEM;
  const char* advice = memory ? "). Free some memory" : "). Check the path and its permissions";
  return {absent   ? ErrorCode::kNotFound
          : memory ? ErrorCode::kOutOfSpace
                   : ErrorCode::kIo,
          message({path, ": cannot be opened (", std::strerror(error), advice})};
}

// Also closes if there is no memory for the message about a failure.
struct Descriptor {
  int number;
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

Result<std::size_t> regular_file_size(int descriptor, const std::string& path) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return cannot_open(path, errno);
  if (!S_ISREG(status.st_mode)) return Error{ErrorCode::kIo, message({path, ": is not a file. Name the file itself"})};
  if (status.st_size == 0) return Error{ErrorCode::kCorrupt, message({path, ": is empty. Copy the file again"})};
  return static_cast<std::size_t>(status.st_size);
}

// As many bytes as the file had when it was opened.
bool read_all(int descriptor, char* to, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t count = read(descriptor, to + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

Result<FileBytes> FileBytes::open(const std::string& path, FileAccess access) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.number < 0) return cannot_open(path, errno);
  const Result<std::size_t> size = regular_file_size(descriptor.number, path);
  if (!size) return size.error();
  const bool copy = access == FileAccess::kCopy;
  // A reader refuses a file of another size than its header says; so only the header of that one is read.
  std::uint64_t stated = 0;
  const bool whole = pread(descriptor.number, &stated, sizeof stated, kFileSizeOffset) > 0 && stated == *size;
  // MAP_POPULATE: every byte is hashed anyway; one call instead of a fault per page.
  void* address =
      mmap(nullptr, *size, copy ? PROT_READ | PROT_WRITE : PROT_READ,
           MAP_PRIVATE | (whole ? MAP_POPULATE : 0) | (copy ? MAP_ANONYMOUS : 0), copy ? -1 : descriptor.number, 0);
  if (address == MAP_FAILED) return cannot_open(path, errno);
  FileBytes bytes(address, *size);
  if (copy &&
      !read_all(descriptor.number, static_cast<char*>(address), whole ? *size : std::min(*size, kMaxTableEnd))) {
    return Error{ErrorCode::kIo,
                 message({path, ": cannot be read to its end: it is damaged, or was cut meanwhile. Try again"})};
  }
  return bytes;
}

FileBytes::FileBytes(FileBytes&& other) noexcept
    : address_(std::exchange(other.address_, nullptr)), size_(std::exchange(other.size_, 0)) {}

FileBytes& FileBytes::operator=(FileBytes&& other) noexcept {
  std::swap(address_, other.address_);
  std::swap(size_, other.size_);
  return *this;
}

FileBytes::~FileBytes() {
  if (address_ != nullptr) munmap(const_cast<void*>(address_), size_);
}

}  // namespace noggin::format
