// A file mapped read-only. Move-only; unmaps on destruction. The mapping belongs to the file that was opened: replacing
// it by rename (write_file_atomically) is safe; truncating it in place while it is mapped is not (the system then kills
// the process at the next access).
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "noggin/result.h"

namespace noggin::format {

class MappedFile {
 public:
  // An empty file, a directory or a file that cannot be opened gives an Error that names the path.
  static Result<MappedFile> open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(address_), size_}; }

 private:
  MappedFile(const void* address, std::size_t size) : address_(address), size_(size) {}
  const void* address_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace noggin::format
