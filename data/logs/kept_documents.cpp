#include "data/logs/kept_documents.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

namespace noggin::data {

struct KeptDocuments::File {
  std::string path;
  int descriptor = -1;  // -1: its documents lie in texts_

  File(const std::string& name, bool rereadable)
      : path(name), descriptor(rereadable ? ::open(name.c_str(), O_RDONLY | O_CLOEXEC) : -1) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }
  bool read(std::uint64_t offset, std::span<char> buffer) const {
    for (std::size_t done = 0; done < buffer.size();) {
      const ssize_t count =
          ::pread(descriptor, buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      done += static_cast<std::size_t>(count);
    }
    return true;
  }
};

KeptDocuments::KeptDocuments() = default;
KeptDocuments::KeptDocuments(KeptDocuments&&) noexcept = default;
KeptDocuments& KeptDocuments::operator=(KeptDocuments&&) noexcept = default;
KeptDocuments::~KeptDocuments() = default;

Status KeptDocuments::begin_file(const std::string& path, bool rereadable) {
  files_.push_back(std::make_unique<File>(path, rereadable));
  if (!rereadable || files_.back()->descriptor >= 0) return {};
  return Error{ErrorCode::kIo, fmt::format("{}: cannot be opened again: {}. Fix: check that it is still there", path,
                                           std::strerror(errno))};
}

KeptDocuments::Place KeptDocuments::keep(const Line& line) {
  const bool in_memory = files_.back()->descriptor < 0;
  const Place place{in_memory ? texts_.size() : line.offset, static_cast<std::uint32_t>(line.text.size()),
                    static_cast<std::uint32_t>(files_.size() - 1)};
  if (in_memory) texts_ += line.text;
  return place;
}

Result<std::string_view> KeptDocuments::get(const Place& place, std::string& buffer) const {
  buffer.resize(place.length + kLinePadding);
  const File& file = *files_[place.file];
  if (file.descriptor < 0) {
    std::memcpy(buffer.data(), texts_.data() + place.offset, place.length);
  } else if (!file.read(place.offset, {buffer.data(), place.length})) {
    return Error{ErrorCode::kIo,
                 file.path + ": became shorter while it was read. Fix: run again when the file is complete"};
  }
  return std::string_view(buffer).substr(0, place.length);
}

const std::string& KeptDocuments::path(const Place& place) const { return files_[place.file]->path; }

}  // namespace noggin::data
