// The bytes of a file, decompressed on the fly: plain, gzip, Zstandard, bzip2 or xz, detected by the first bytes, not
// by name. What is inside is not decompressed again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "data/lines/compression.h"
#include "data/lines/raw_file.h"
#include "noggin/result.h"

namespace noggin::data {

// A compressed file that has become larger than kSuspiciousBytes and more than kMaxExpansion times its own size is
// taken for a decompression bomb. Logs that repeat a long prompt in every row expand some hundred times, and 2,000
// times if the rows differ in a number alone. gzip cannot pass 1,032.
inline constexpr std::uint64_t kSuspiciousBytes = std::uint64_t{256} << 20;
inline constexpr std::uint64_t kMaxExpansion = 5000;

class ByteStream {
 public:
  // The errors of RawFile::open.
  static Result<ByteStream> open(const std::string& path);
  // Part of a file, as it stands there.
  static Result<ByteStream> open_plain(const std::string& path, ByteRange range);

  // Fills at most buffer.size() bytes; 0 at the end. Damaged compressed data is kCorrupt, a decompression bomb
  // kBadData.
  Result<std::size_t> read(std::span<char> buffer);
  Compression compression() const { return compression_; }
  bool compressed() const { return compression_ != Compression::kNone; }
  // After the end: the file stops inside a compressed stream (its writer was killed), so what follows is lost.
  bool cut() const { return decoder_ && decoder_->cut(); }
  // Number and hash of the raw file bytes read so far; after the end, those of the whole file.
  std::uint64_t file_bytes() const { return file_->bytes(); }
  std::uint64_t file_hash() const { return file_->hash(); }
  const std::string& path() const { return file_->path(); }

 private:
  ByteStream(std::unique_ptr<RawFile> file, Compression compression);

  std::unique_ptr<RawFile> file_;
  Compression compression_;
  std::unique_ptr<Decoder> decoder_;  // none for a plain file
  std::uint64_t produced_ = 0;        // decompressed bytes
};

}  // namespace noggin::data
