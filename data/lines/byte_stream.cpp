#include "data/lines/byte_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace noggin::data {

ByteStream::ByteStream(std::unique_ptr<RawFile> file, Compression compression)
    : file_(std::move(file)), compression_(compression), decoder_(make_decoder(compression)) {}

Result<ByteStream> ByteStream::open(const std::string& path) {
  Result<std::unique_ptr<RawFile>> file = RawFile::open(path);
  if (!file) return file.error();
  if (Status status = (*file)->refill(); !status) return status.error();
  const std::span<const char> start = (*file)->pending();
  return ByteStream(*std::move(file), compression_of({start.data(), start.size()}));
}

Result<ByteStream> ByteStream::open_plain(const std::string& path, ByteRange range) {
  Result<std::unique_ptr<RawFile>> file = RawFile::open(path, range);
  if (!file) return file.error();
  return ByteStream(*std::move(file), Compression::kNone);
}

Result<std::size_t> ByteStream::read(std::span<char> buffer) {
  if (!decoder_) {
    const std::span<const char> start = file_->pending();  // what open() looked at
    if (start.empty()) return file_->read(buffer);
    const std::size_t count = std::min(buffer.size(), start.size());
    std::memcpy(buffer.data(), start.data(), count);
    file_->consume(count);
    return count;
  }
  Result<std::size_t> count = decoder_->read(*file_, buffer);
  if (!count) return count;
  produced_ += *count;
  if (produced_ > kSuspiciousBytes && produced_ / kMaxExpansion > file_bytes()) {
    return Error{
        ErrorCode::kBadData,
        fmt::format("{0}: {1} compressed bytes became {2} so far, more than {3} times as many: a decompression "
                    "bomb, or a file of nothing but repeats. Fix: if it is a log, decompress it first ({4} '{0}' "
                    "> FILE) and name that file",
                    path(), file_bytes(), produced_, kMaxExpansion, decompressor_of(compression_))};
  }
  return count;
}

}  // namespace noggin::data
