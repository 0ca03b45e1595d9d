#include "data/files/spill.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace noggin::data {
namespace {

std::string temporary_folder() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : folder.string();
}

Error cannot(const char* what) {
  const int code = errno;
  return Error{code == ENOSPC ? ErrorCode::kOutOfSpace : ErrorCode::kIo,
               fmt::format("a temporary file in {} cannot be {}: {}. Fix: make room there, or name another folder in "
                           "the environment variable TMPDIR",
                           temporary_folder(), what, std::strerror(code))};
}

// -1 and errno.
int open_nameless() {
  const std::string folder = temporary_folder();
#ifdef O_TMPFILE
  const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor >= 0) return descriptor;
#endif
  std::string name = folder + "/noggin-XXXXXX";  // a file system without nameless files
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

Spill::Spill(Spill&& other) noexcept
    : held_bytes_(other.held_bytes_),
      newest_(std::move(other.newest_)),
      written_(other.written_),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

Spill::~Spill() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<Spill::Place> Spill::add(std::string_view bytes) {
  const Place place{written_ + newest_.size(), static_cast<std::uint32_t>(bytes.size())};
  newest_ += bytes;
  if (newest_.size() > held_bytes_)
    if (Status status = write_out(); !status) return status.error();
  return place;
}

Status Spill::write_out() {
  if (descriptor_ < 0) descriptor_ = open_nameless();
  if (descriptor_ < 0) return cannot("made");
  if (Status status = write_at(written_, newest_); !status) return status;
  written_ += newest_.size();
  newest_.clear();
  return {};
}

Status Spill::write_at(std::uint64_t offset, std::string_view bytes) const {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count =
        ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot("written");
    done += static_cast<std::size_t>(count);
  }
  return {};
}

Status Spill::replace(const Place& place, std::string_view bytes) {
  if (place.offset < written_) return write_at(place.offset, bytes);  // what was added at once is written at once
  newest_.replace(place.offset - written_, place.length, bytes);
  return {};
}

Result<std::string_view> Spill::get(const Place& place, std::string& buffer) const {
  buffer.resize(place.length + kPadding);
  if (place.offset >= written_) {
    std::memcpy(buffer.data(), newest_.data() + (place.offset - written_), place.length);
    return std::string_view(buffer).substr(0, place.length);
  }
  for (std::size_t done = 0; done < place.length;) {
    const ssize_t count =
        ::pread(descriptor_, buffer.data() + done, place.length - done, static_cast<off_t>(place.offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) errno = EIO;
    if (count <= 0) return cannot("read");
    done += static_cast<std::size_t>(count);
  }
  return std::string_view(buffer).substr(0, place.length);
}

}  // namespace noggin::data
