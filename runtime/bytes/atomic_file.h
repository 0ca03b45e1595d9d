// Files that appear whole or not at all.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "noggin/result.h"

namespace noggin {

// A file that is written piece by piece: a temporary one (<path>.tmp-<process>-<n>, in the same folder) until commit()
// flushes it to disk and renames it into place. Replaces an existing file; a symbolic link is replaced, not followed.
// kOutOfSpace when the disk is full, else kIo. Without commit(), or after a failure, the temporary file is removed. Not
// thread-safe.
class AtomicFile {
 public:
  static Result<AtomicFile> create(const std::string& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  Status append(const void* bytes, std::size_t size);
  Status append(std::string_view text) { return append(text.data(), text.size()); }
  // Replaces bytes that append() has written, for a head that is known only at the end.
  Status replace_start(std::string_view text);
  Status commit();  // the last call

 private:
  AtomicFile(std::string path, std::string temporary, int descriptor);
  void discard();

  std::string path_, temporary_;
  int descriptor_;  // -1: closed, and there is no temporary file
};

// All of these bytes at once.
Status write_file_atomically(const std::string& path, const void* bytes, std::size_t size);

}  // namespace noggin
