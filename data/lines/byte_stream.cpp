#include "data/lines/byte_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "bytes/content_hash.h"

namespace noggin::data {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;

// The file itself: raw chunks, hashed as they pass.
class RawFile {
 public:
  RawFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)), chunk_(kChunkBytes) {}
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile() { ::close(descriptor_); }

  // Makes pending() non-empty unless the file has ended.
  Status refill() {
    if (begin_ != end_ || ended_) return {};
    ssize_t count = 0;
    do count = ::read(descriptor_, chunk_.data(), chunk_.size());
    while (count < 0 && errno == EINTR);
    if (count < 0) {
      const std::string reason = std::strerror(errno);
      return Error{ErrorCode::kIo,
                   fmt::format("{}: reading failed after {} bytes: {}. Fix: check the disk or the mount, "
                               "then run again",
                               path_, bytes_, reason)};
    }
    begin_ = 0;
    end_ = static_cast<std::size_t>(count);
    ended_ = count == 0;
    bytes_ += end_;
    hasher_.update(chunk_.data(), end_);
    return {};
  }
  std::span<const char> pending() const { return {chunk_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t hash() const { return hasher_.digest(); }
  const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
  std::vector<char> chunk_;
  std::size_t begin_ = 0, end_ = 0;
  bool ended_ = false;
  std::uint64_t bytes_ = 0;
  ContentHasher hasher_;
};

Error damaged(const RawFile& file, const char* what) {
  return Error{
      ErrorCode::kCorrupt,
      fmt::format("{}: the compressed data is damaged near byte {} ({}). Fix: copy the file again from where it "
                  "was made, or decompress it with a repair tool first",
                  file.path(), file.bytes(), what)};
}

}  // namespace

struct ByteStream::Decoder {
  virtual ~Decoder() = default;
  virtual Result<std::size_t> read(RawFile& file, std::span<char> buffer) = 0;
  virtual bool compressed() const { return true; }
  virtual bool cut() const { return false; }
};

namespace {

struct PlainDecoder final : ByteStream::Decoder {
  bool compressed() const override { return false; }
  Result<std::size_t> read(RawFile& file, std::span<char> buffer) override {
    if (Status status = file.refill(); !status) return status.error();
    const std::size_t count = std::min(buffer.size(), file.pending().size());
    std::memcpy(buffer.data(), file.pending().data(), count);
    file.consume(count);
    return count;
  }
};

// gzip, including several members in a row (as `cat a.gz b.gz` makes them).
struct GzipDecoder final : ByteStream::Decoder {
  z_stream stream{};
  bool inside = true;  // a member has begun and not ended
  GzipDecoder() { inflateInit2(&stream, 15 + 16); }
  ~GzipDecoder() override { inflateEnd(&stream); }
  bool cut() const override { return inside; }

  Result<std::size_t> read(RawFile& file, std::span<char> buffer) override {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    while (stream.avail_out == buffer.size()) {
      if (Status status = file.refill(); !status) return status.error();
      if (file.pending().empty()) return std::size_t{0};
      if (!std::exchange(inside, true)) inflateReset(&stream);
      const std::size_t offered = file.pending().size();
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.pending().data()));
      stream.avail_in = static_cast<uInt>(offered);
      const int code = inflate(&stream, Z_NO_FLUSH);
      file.consume(offered - stream.avail_in);
      if (code == Z_STREAM_END)
        inside = false;
      else if (code != Z_OK && code != Z_BUF_ERROR)
        return damaged(file, stream.msg ? stream.msg : "zlib");
    }
    return buffer.size() - stream.avail_out;
  }
};

struct ZstdDecoder final : ByteStream::Decoder {
  ZSTD_DStream* stream = ZSTD_createDStream();
  bool inside = true;
  ~ZstdDecoder() override { ZSTD_freeDStream(stream); }
  bool cut() const override { return inside; }

  Result<std::size_t> read(RawFile& file, std::span<char> buffer) override {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    while (output.pos == 0) {
      if (Status status = file.refill(); !status) return status.error();
      // At the end of the file the decoder may still hold output of a large frame.
      ZSTD_inBuffer input{file.pending().data(), file.pending().size(), 0};
      const std::size_t code = ZSTD_decompressStream(stream, &output, &input);
      if (ZSTD_isError(code)) return damaged(file, ZSTD_getErrorName(code));
      file.consume(input.pos);
      if (input.size > 0 || output.pos > 0) inside = code != 0;
      if (input.size == 0 && output.pos == 0) break;
    }
    return output.pos;
  }
};

std::unique_ptr<ByteStream::Decoder> decoder_for(std::span<const char> start) {
  const auto begins_with = [start](std::initializer_list<unsigned char> magic) {
    return start.size() >= magic.size() &&
           std::equal(magic.begin(), magic.end(), start.begin(),
                      [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); });
  };
  if (begins_with({0x1f, 0x8b})) return std::make_unique<GzipDecoder>();
  if (begins_with({0x28, 0xb5, 0x2f, 0xfd})) return std::make_unique<ZstdDecoder>();
  return std::make_unique<PlainDecoder>();
}

}  // namespace

struct ByteStream::State {
  State(int descriptor, const std::string& path) : file(descriptor, path) {}
  RawFile file;
  std::unique_ptr<Decoder> decoder;
};

ByteStream::ByteStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
ByteStream::ByteStream(ByteStream&&) noexcept = default;
ByteStream& ByteStream::operator=(ByteStream&&) noexcept = default;
ByteStream::~ByteStream() = default;

Result<ByteStream> ByteStream::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    const int code = errno;
    return Error{
        code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
        fmt::format("{}: cannot be opened: {}. Fix: check the path (paths in a recipe are relative to the recipe)",
                    path, std::strerror(code))};
  }
  auto state = std::make_unique<State>(descriptor, path);
  struct stat info {};
  if (::fstat(descriptor, &info) == 0 && !S_ISREG(info.st_mode)) {
    return Error{ErrorCode::kIo,
                 path + (S_ISDIR(info.st_mode) ? ": is a folder. Fix: name a file in it"
                                               : ": is a pipe, a socket or a device. Fix: name a file; what is read "
                                                 "more than once cannot be a stream")};
  }
  if (Status status = state->file.refill(); !status) return status.error();
  state->decoder = decoder_for(state->file.pending());
  return ByteStream(std::move(state));
}

Result<std::size_t> ByteStream::read(std::span<char> buffer) { return state_->decoder->read(state_->file, buffer); }
bool ByteStream::compressed() const { return state_->decoder->compressed(); }
bool ByteStream::cut() const { return state_->decoder->cut(); }
std::uint64_t ByteStream::file_bytes() const { return state_->file.bytes(); }
std::uint64_t ByteStream::file_hash() const { return state_->file.hash(); }

}  // namespace noggin::data
