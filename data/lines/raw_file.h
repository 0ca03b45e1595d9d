// The raw bytes of a regular file, counted and hashed as they pass. Reads with read(): nothing is mapped, so resident
// memory does not grow with the file. Not thread-safe; owns its descriptor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bytes/content_hash.h"
#include "noggin/result.h"

namespace noggin::data {

// Part of a file; end 0: to its end.
struct ByteRange {
  std::uint64_t begin = 0, end = 0;
};

class RawFile {
 public:
  // kNotFound; kIo for a folder, a pipe, a device, what cannot be opened and a file that ends before the range does.
  // Never waits.
  static Result<std::unique_ptr<RawFile>> open(const std::string& path, ByteRange range = {});
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile();

  // At most buffer.size() bytes; 0 at the end, which is that of the range, or where the file ended when it was opened:
  // what a writer appends later is not read. kIo for a file that has become shorter.
  Result<std::size_t> read(std::span<char> buffer);

  // For decoders, which take as many bytes as they need: refill() makes pending() non-empty unless the file has ended.
  Status refill();
  std::span<const char> pending() const { return {chunk_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) { begin_ += bytes; }

  // Of what has been read so far.
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t hash() const { return hasher_.digest(); }
  const std::string& path() const { return path_; }

 private:
  RawFile(int descriptor, std::string path, std::uint64_t size);

  int descriptor_;
  std::string path_;
  std::uint64_t size_;  // of what is to be read; 0: unknown
  std::uint64_t bytes_ = 0;
  ContentHasher hasher_;
  std::vector<char> chunk_;
  std::size_t begin_ = 0, end_ = 0;  // pending bytes are [begin_, end_) of chunk_
};

// For a file whose bytes are not those that were read before: kIo.
Error changed_meanwhile(const std::string& path);

// Of all bytes of a file: reads it. The errors of open() and read().
struct FileDigest {
  std::uint64_t bytes = 0, hash = 0;
};
Result<FileDigest> digest_of_file(const std::string& path);

}  // namespace noggin::data
