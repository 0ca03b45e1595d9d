#include "data/lines/compression.h"

#include <bzlib.h>
#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace noggin::data {
namespace {

Error damaged(const RawFile& file, std::string_view what) {
  return Error{
      ErrorCode::kCorrupt,
      fmt::format("{}: the compressed data is damaged near byte {} ({}). Fix: copy the file again from where it "
                  "was made, or decompress it with a repair tool first",
                  file.path(), file.bytes() - file.pending().size(), what)};
}

Error too_much_memory(const RawFile& file, std::string_view command) {
  return Error{
      ErrorCode::kUnsupported,
      fmt::format("{0}: decompressing needs more than {1} MiB. Fix: decompress it first ({2} '{0}' > FILE) and "
                  "name that file",
                  file.path(), kMaxDecoderBytes >> 20U, command)};
}

// Tapes and block devices pad files with zeros: they end a file between two members.
void skip_zero_padding(RawFile& file) {
  const std::span<const char> bytes = file.pending();
  file.consume(static_cast<std::size_t>(std::find_if(bytes.begin(), bytes.end(), [](char byte) { return byte != 0; }) -
                                        bytes.begin()));
}

// What decoders of members have in common: between two members the file may end or be padded.
class MemberDecoder : public Decoder {
 public:
  bool cut() const final { return inside_; }
  Result<std::size_t> read(RawFile& file, std::span<char> buffer) final {
    while (true) {
      if (Status status = file.refill(); !status) return status.error();
      if (!inside_) {
        skip_zero_padding(file);
        if (file.pending().empty()) {
          if (Status status = file.refill(); !status) return status.error();
          if (file.pending().empty()) return std::size_t{0};
          continue;
        }
        restart();
        inside_ = true;
      }
      const bool at_end = file.pending().empty();
      const Result<std::size_t> count = step(file, buffer);
      if (!count || *count > 0 || (at_end && inside_)) return count;
    }
  }

 protected:
  // Decompresses some of the pending bytes, which may be none at the end of the file; calls end_member() after the last
  // byte of a member.
  virtual Result<std::size_t> step(RawFile& file, std::span<char> buffer) = 0;
  virtual void restart() = 0;
  void end_member() { inside_ = false; }

 private:
  bool inside_ = true;  // a member has begun and not ended
};

class GzipDecoder final : public MemberDecoder {
 public:
  GzipDecoder() { inflateInit2(&stream_, 15 + 16); }
  ~GzipDecoder() override { inflateEnd(&stream_); }

 private:
  void restart() override { inflateReset(&stream_); }
  Result<std::size_t> step(RawFile& file, std::span<char> buffer) override {
    const std::span<const char> input = file.pending();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(buffer.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    file.consume(input.size() - stream_.avail_in);
    if (code == Z_STREAM_END)
      end_member();
    else if (code != Z_OK && code != Z_BUF_ERROR)
      return damaged(file, stream_.msg != nullptr ? stream_.msg : "zlib");
    return buffer.size() - stream_.avail_out;
  }
  z_stream stream_{};
};

class Bzip2Decoder final : public MemberDecoder {
 public:
  Bzip2Decoder() { BZ2_bzDecompressInit(&stream_, 0, 0); }
  ~Bzip2Decoder() override { BZ2_bzDecompressEnd(&stream_); }

 private:
  void restart() override {
    BZ2_bzDecompressEnd(&stream_);
    stream_ = {};
    BZ2_bzDecompressInit(&stream_, 0, 0);
  }
  Result<std::size_t> step(RawFile& file, std::span<char> buffer) override {
    const std::span<const char> input = file.pending();
    stream_.next_in = const_cast<char*>(input.data());
    stream_.avail_in = static_cast<unsigned>(input.size());
    stream_.next_out = buffer.data();
    stream_.avail_out = static_cast<unsigned>(buffer.size());
    const int code = BZ2_bzDecompress(&stream_);
    file.consume(input.size() - stream_.avail_in);
    if (code == BZ_STREAM_END)
      end_member();
    else if (code != BZ_OK)
      return damaged(file, code == BZ_DATA_ERROR_MAGIC ? "no bzip2 data follows" : "a block's checksum is wrong");
    return buffer.size() - stream_.avail_out;
  }
  bz_stream stream_{};
};

class ZstandardDecoder final : public MemberDecoder {
 public:
  ~ZstandardDecoder() override { ZSTD_freeDStream(stream_); }

 private:
  void restart() override { ZSTD_initDStream(stream_); }
  Result<std::size_t> step(RawFile& file, std::span<char> buffer) override {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    ZSTD_inBuffer input{file.pending().data(), file.pending().size(), 0};
    const std::size_t code = ZSTD_decompressStream(stream_, &output, &input);
    if (ZSTD_isError(code)) {
      const std::string_view what = ZSTD_getErrorName(code);
      if (what.find("memory") != std::string_view::npos) return too_much_memory(file, "zstd -dc --long=31");
      return damaged(file, what);
    }
    file.consume(input.pos);
    if (code == 0) end_member();
    return output.pos;
  }
  ZSTD_DStream* stream_ = ZSTD_createDStream();
};

// liblzma reads streams one after another and their padding itself.
class XzDecoder final : public Decoder {
 public:
  XzDecoder() { code_ = lzma_stream_decoder(&stream_, kMaxDecoderBytes, LZMA_CONCATENATED); }
  ~XzDecoder() override { lzma_end(&stream_); }
  bool cut() const override { return code_ != LZMA_STREAM_END; }

  Result<std::size_t> read(RawFile& file, std::span<char> buffer) override {
    stream_.next_out = reinterpret_cast<std::uint8_t*>(buffer.data());
    stream_.avail_out = buffer.size();
    while (code_ == LZMA_OK && stream_.avail_out == buffer.size()) {
      if (Status status = file.refill(); !status) return status.error();
      const std::span<const char> input = file.pending();
      stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
      stream_.avail_in = input.size();
      code_ = lzma_code(&stream_, input.empty() ? LZMA_FINISH : LZMA_RUN);
      file.consume(input.size() - stream_.avail_in);
    }
    const std::size_t count = buffer.size() - stream_.avail_out;
    const bool sound = code_ == LZMA_OK || code_ == LZMA_STREAM_END || code_ == LZMA_BUF_ERROR;  // the last: cut
    if (sound || count > 0) return count;
    if (code_ == LZMA_MEMLIMIT_ERROR || code_ == LZMA_MEM_ERROR) return too_much_memory(file, "xz -dc");
    if (code_ == LZMA_OPTIONS_ERROR) return damaged(file, "it uses options that this liblzma does not know");
    return damaged(file, code_ == LZMA_FORMAT_ERROR ? "no xz data follows" : "a block's checksum is wrong");
  }

 private:
  lzma_stream stream_{};
  lzma_ret code_ = LZMA_OK;
};

}  // namespace

Compression compression_of(std::string_view start) {
  using namespace std::string_view_literals;
  if (start.starts_with("\x1f\x8b"sv)) return Compression::kGzip;
  if (start.starts_with("\xfd"
                        "7zXZ\0"sv))
    return Compression::kXz;
  const bool bzip2 = start.size() > 4 && start.starts_with("BZh"sv) && start[3] >= '1' && start[3] <= '9' &&
                     (start[4] == '\x31' || start[4] == '\x17');  // of a block, or of an empty file
  if (bzip2) return Compression::kBzip2;
  const bool zstandard = start.starts_with("\x28\xb5\x2f\xfd"sv);
  // Parallel compressors begin with a frame that is skipped.
  const bool skippable = start.size() >= 4 && (start[0] & '\xf0') == '\x50' && start.substr(1, 3) == "\x2a\x4d\x18"sv;
  return zstandard || skippable ? Compression::kZstandard : Compression::kNone;
}

std::string_view decompressor_of(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "cat";
    case Compression::kGzip:
      return "gzip -dc";
    case Compression::kZstandard:
      return "zstd -dc";
    case Compression::kBzip2:
      return "bzip2 -dc";
    case Compression::kXz:
      return "xz -dc";
  }
  return "";
}

std::unique_ptr<Decoder> make_decoder(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return nullptr;
    case Compression::kGzip:
      return std::make_unique<GzipDecoder>();
    case Compression::kZstandard:
      return std::make_unique<ZstandardDecoder>();
    case Compression::kBzip2:
      return std::make_unique<Bzip2Decoder>();
    case Compression::kXz:
      return std::make_unique<XzDecoder>();
  }
  return nullptr;
}

}  // namespace noggin::data
