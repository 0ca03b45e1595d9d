// Reads a publication's folder as what it is: somebody else's. Every name on the way is opened without following
// symbolic links, only regular files are read, and never more bytes than are asked for. Nothing is waited for.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "update/refusal.h"

namespace noggin::update {

// An open regular file.
class MirrorFile {
 public:
  MirrorFile(int descriptor, std::uint64_t bytes, std::string path)
      : descriptor_(descriptor), bytes_(bytes), path_(std::move(path)) {}
  MirrorFile(MirrorFile&& other) noexcept;
  MirrorFile& operator=(MirrorFile&&) = delete;
  ~MirrorFile();

  std::uint64_t bytes() const { return bytes_; }  // when it was opened
  const std::string& path() const { return path_; }
  // The next bytes, at most to.size(); 0 at the end, also where the file has grown since.
  Offer<std::size_t> read(std::span<std::byte> to);

 private:
  int descriptor_;
  std::uint64_t bytes_, taken_ = 0;
  std::string path_;
};

class Mirror {
 public:
  static Offer<Mirror> open(const std::string& folder);
  Mirror(Mirror&& other) noexcept;
  Mirror& operator=(Mirror&&) = delete;
  ~Mirror();

  // path: names of letters, digits, '.', '_' and '-' that do not start with a dot, at most four, separated by '/'.
  // Refusals: kUnsafePath, kIncomplete (no such file, or not readable), kNotAFile, kTooLarge.
  Offer<MirrorFile> open_file(std::string_view path, std::uint64_t most_bytes) const;
  Offer<std::string> read_text(std::string_view path, std::size_t most_bytes) const;

 private:
  explicit Mirror(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace noggin::update
