#include "update/mirror.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "bytes/message.h"
#include "update/manifest.h"

namespace noggin::update {
namespace {

constexpr std::size_t kMostNames = 4;
constexpr int kCommonFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;  // O_NONBLOCK: a pipe must not wait

// Empty: the path is not one of a publication.
std::vector<std::string> names_of(std::string_view path) {
  std::vector<std::string> names;
  while (true) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    if (!is_channel_name(name) || name.front() == '.' || names.size() == kMostNames) return {};
    names.emplace_back(name);
    if (end == path.size()) return names;
    path.remove_prefix(end + 1);
  }
}

Fault cannot_open(std::string_view path, int error) {
  if (error == ELOOP || error == ENOTDIR || error == ENXIO || error == EISDIR)
    return refused(Refusal::kNotAFile, message({path, " is a link, or not a file, or lies behind one"}));
  return refused(Refusal::kIncomplete, message({path, " cannot be opened (", std::strerror(error), ")"}));
}

// The descriptor of the last name, or -1 and errno.
int open_names(int root, const std::vector<std::string>& names) {
  int folder = root;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool last = i + 1 == names.size();
    const int next = openat(folder, names[i].c_str(), kCommonFlags | (last ? 0 : O_DIRECTORY));
    const int error = errno;
    if (folder != root) close(folder);
    errno = error;
    if (next < 0 || last) return next;
    folder = next;
  }
  return -1;
}

}  // namespace

MirrorFile::MirrorFile(MirrorFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      bytes_(other.bytes_),
      taken_(other.taken_),
      path_(std::move(other.path_)) {}

MirrorFile::~MirrorFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Offer<std::size_t> MirrorFile::read(std::span<std::byte> to) {
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), bytes_ - taken_));
  if (wanted == 0) return std::size_t{0};
  ssize_t count = 0;
  do {
    count = ::read(descriptor_, to.data(), wanted);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return refused(Refusal::kIncomplete, message({path_, " cannot be read (", std::strerror(errno), ")"}));
  if (count == 0) return refused(Refusal::kIncomplete, message({path_, " was cut while it was read"}));
  taken_ += static_cast<std::uint64_t>(count);
  return static_cast<std::size_t>(count);
}

Offer<Mirror> Mirror::open(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) return Mirror(descriptor);
  return refused(Refusal::kIncomplete, message({folder, " cannot be opened as a folder (", std::strerror(errno), ")"}));
}

Mirror::Mirror(Mirror&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Mirror::~Mirror() {
  if (descriptor_ >= 0) close(descriptor_);
}

Offer<MirrorFile> Mirror::open_file(std::string_view path, std::uint64_t most_bytes) const {
  const std::vector<std::string> names = names_of(path);
  if (names.empty()) return refused(Refusal::kUnsafePath, message({"\"", path, "\" is no path of a publication"}));
  const int descriptor = open_names(descriptor_, names);
  if (descriptor < 0) return cannot_open(path, errno);
  struct stat status {};
  const bool known = fstat(descriptor, &status) == 0;
  const int error = known && !S_ISREG(status.st_mode) ? EISDIR : errno;
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  MirrorFile file(descriptor, bytes, std::string(path));  // closes it
  if (!known || !S_ISREG(status.st_mode)) return cannot_open(path, error);
  if (bytes > most_bytes)
    return refused(Refusal::kTooLarge,
                   message({path, " has ", bytes, " bytes, at most ", most_bytes, " belong there"}));
  return file;
}

Offer<std::string> Mirror::read_text(std::string_view path, std::size_t most_bytes) const {
  Offer<MirrorFile> file = open_file(path, most_bytes);
  if (!file) return file.fault();
  std::string text(static_cast<std::size_t>(file->bytes()), '\0');
  for (std::size_t done = 0; done < text.size();) {
    Offer<std::size_t> count = file->read(std::as_writable_bytes(std::span(text).subspan(done)));
    if (!count) return count.fault();
    done += *count;
  }
  return text;
}

}  // namespace noggin::update
