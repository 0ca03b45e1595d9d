// The bytes of a file, in memory that this object owns. Move-only.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "noggin/result.h"

namespace noggin::format {

// kCopy: the bytes are read once; nothing that happens to the file later reaches them.
// kMap: the file's pages are shared with every process that maps it and are read when they are needed. The caller
// promises that nobody writes to the file or cuts it while it is mapped: what is written would be used unchecked, and
// the system kills the process that reads past the new end. Replacing the file by rename (write_file_atomically) is
// safe.
enum class FileAccess : unsigned char { kCopy, kMap };

class FileBytes {
 public:
  // An empty file, a directory, a pipe, a file that cannot be opened or that changes its size while it is read gives an
  // Error that names the path; nothing is waited for. Of a file whose header states another size, bytes after header
  // and section table are zero: a reader refuses it anyway.
  static Result<FileBytes> open(const std::string& path, FileAccess access = FileAccess::kCopy);
  FileBytes(FileBytes&& other) noexcept;
  FileBytes& operator=(FileBytes&& other) noexcept;
  ~FileBytes();

  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(address_), size_}; }

 private:
  FileBytes(const void* address, std::size_t size) : address_(address), size_(size) {}
  const void* address_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace noggin::format
