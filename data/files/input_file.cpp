#include "data/files/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bytes/byte_order_mark.h"

namespace noggin::data {
namespace {

Error cannot_read(const std::string& path, int error) {
  return {error == ENOENT || error == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo,
          fmt::format("{} cannot be opened ({}). Fix: check the path and its permissions", path, std::strerror(error))};
}

}  // namespace

InputFile::InputFile(std::string path, int descriptor, std::uint64_t size)
    : path_(std::move(path)), descriptor_(descriptor), size_(size) {}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<InputFile> InputFile::open(const std::string& path) {
  InputFile file(path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK), 0);
  struct stat status {};
  if (file.descriptor_ < 0 || ::fstat(file.descriptor_, &status) != 0) return cannot_read(path, errno);
  if (!S_ISREG(status.st_mode)) {
    return Error{ErrorCode::kIo, fmt::format("{} is not a file but {}. Fix: name the file itself", path,
                                             S_ISDIR(status.st_mode) ? "a folder" : "a pipe, a socket or a device")};
  }
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

Result<std::string> InputFile::read(std::uint64_t bytes) {
  std::string text(std::min(bytes, size_), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::read(descriptor_, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot_read(path_, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

Result<std::string> read_input_file(const std::string& path, std::uint64_t max_bytes) {
  Result<InputFile> file = InputFile::open(path);
  if (!file) return file.error();
  if (file->size() > max_bytes) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("{} has {} bytes; a file of this kind has at most {}. Fix: name the right file", path,
                             file->size(), max_bytes)};
  }
  Result<std::string> bytes = file->read(file->size());
  if (bytes && bytes->starts_with(kByteOrderMark)) bytes->erase(0, kByteOrderMark.size());
  return bytes;
}

}  // namespace noggin::data
