// Files that a user or another program provides: configurations, vocabularies, labels, checkpoints. Opening one never
// waits, and its kind and size are known before it is read. Logs are streamed instead (data/logs).
#pragma once

#include <cstdint>
#include <string>

#include "noggin/result.h"

namespace noggin::data {

// A regular file, read from its start. Move-only.
class InputFile {
 public:
  // kNotFound; kIo for a pipe, a device, a folder and what cannot be opened.
  static Result<InputFile> open(const std::string& path);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  std::uint64_t size() const { return size_; }  // in bytes, when it was opened
  // The next `bytes` bytes, or fewer at the end of the file. kIo.
  Result<std::string> read(std::uint64_t bytes);

 private:
  InputFile(std::string path, int descriptor, std::uint64_t size);
  std::string path_;
  int descriptor_;
  std::uint64_t size_;
};

// More than any file that is read whole needs (a tokenizer.json of a million pieces has 30 MB).
inline constexpr std::uint64_t kMaxInputFileBytes = 256ULL << 20U;

// All bytes, without a byte order mark. Errors: those of open and read; kUnsupported for more than max_bytes, which is
// told before they are read.
Result<std::string> read_input_file(const std::string& path, std::uint64_t max_bytes = kMaxInputFileBytes);

}  // namespace noggin::data
