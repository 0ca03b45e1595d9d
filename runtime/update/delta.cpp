#include "update/delta.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "bytes/little_endian.h"
#include "bytes/message.h"
#include "update/delta_format.h"

namespace noggin::update {
namespace {

Error damaged(MessageParts parts) { return {ErrorCode::kCorrupt, "the delta is damaged: " + message(parts)}; }

// The decompressed bytes of a delta, piece by piece.
class Frame {
 public:
  // old: the prefix that every frame is made with; it must outlive this.
  Frame(const ReadSome& delta, std::span<const std::byte> old) : delta_(delta), context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) return;
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMostWindowLog);
    ZSTD_DCtx_refPrefix(context_.get(), old.data(), old.size());
  }

  // Fills all of `to`.
  Status read(std::span<std::byte> to) {
    if (context_ == nullptr) return Error{ErrorCode::kOutOfSpace, "no memory for zstd"};
    ZSTD_outBuffer out{to.data(), to.size(), 0};
    while (out.pos < out.size) {
      if (ended_) return damaged({"it ends too early"});
      if (Status status = step(out); !status) return status;
    }
    return {};
  }

  // Nothing is left, neither in the frame nor behind it.
  Status finish() {
    std::array<std::byte, 1> one{};
    ZSTD_outBuffer out{one.data(), one.size(), 0};
    while (!ended_) {
      if (Status status = step(out); !status) return status;
      if (out.pos > 0) return damaged({"it makes more bytes than the new file has"});
    }
    if (in_.pos < in_.size) return damaged({"bytes follow its end"});
    const Result<std::size_t> more = delta_(buffer_);
    if (!more) return more.error();
    return *more == 0 ? Status() : Status(damaged({"bytes follow its end"}));
  }

 private:
  Status step(ZSTD_outBuffer& out) {
    if (in_.pos == in_.size && !drained_) {
      const Result<std::size_t> count = delta_(buffer_);
      if (!count) return count.error();
      in_ = {buffer_.data(), *count, 0};
      drained_ = *count == 0;
    }
    const std::size_t before = out.pos;
    const std::size_t left = ZSTD_decompressStream(context_.get(), &out, &in_);
    if (ZSTD_isError(left) != 0) return damaged({"zstd: ", ZSTD_getErrorName(left)});
    ended_ = left == 0;
    if (drained_ && !ended_ && out.pos == before) return damaged({"it is cut"});
    return {};
  }

  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  const ReadSome& delta_;
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  std::array<std::byte, 16384> buffer_{};
  ZSTD_inBuffer in_{buffer_.data(), 0, 0};
  bool drained_ = false, ended_ = false;
};

Status read_exactly(const ReadSome& delta, std::span<std::byte> to) {
  while (!to.empty()) {
    const Result<std::size_t> count = delta(to);
    if (!count) return count.error();
    if (*count == 0) return damaged({"it is cut"});
    to = to.subspan(*count);
  }
  return {};
}

// The method of a header that fits both files.
Result<DeltaMethod> read_header(const ReadSome& delta, std::uint64_t old_bytes, std::uint64_t new_bytes) {
  std::array<std::byte, kDeltaHeaderBytes> header{};
  if (Status status = read_exactly(delta, header); !status) return status.error();
  if (std::memcmp(header.data(), kDeltaMagic.data(), kDeltaMagic.size()) != 0) return damaged({"it is no .nogdelta"});
  if (load_u32(&header[kDeltaVersionOffset]) != kDeltaVersion) return damaged({"its version is not 1"});
  if (load_u64(&header[kDeltaOldBytesOffset]) != old_bytes) return damaged({"it is for another old file"});
  if (load_u64(&header[kDeltaNewBytesOffset]) != new_bytes) return damaged({"it is for another new file"});
  const std::uint32_t method = load_u32(&header[kDeltaMethodOffset]);
  if (method != 1 && method != 2) return damaged({"its method is ", method});
  return static_cast<DeltaMethod>(method);
}

Status check_segment(const Segment& segment, std::uint64_t old_bytes) {
  if (segment.bytes == 0 || segment.bytes > kMostSegmentBytes)
    return damaged({"a segment has ", segment.bytes, " bytes"});
  if (segment.kind > SegmentKind::kWords) return damaged({"a segment of an unknown kind"});
  if (segment.kind == SegmentKind::kWords && segment.bytes % 4 != 0) return damaged({"a part of a word"});
  if (segment.kind == SegmentKind::kLiteral) return {};
  const bool inside = segment.old_offset <= old_bytes && segment.bytes <= old_bytes - segment.old_offset;
  return inside ? Status() : Status(damaged({"a segment lies outside the old file"}));
}

Result<std::vector<Segment>> read_segments(Frame& frame, std::uint64_t old_bytes, std::uint64_t new_bytes) {
  std::array<std::byte, kSegmentBytes> entry{};
  if (Status status = frame.read(std::span(entry).first(4)); !status) return status.error();
  const std::uint32_t count = load_u32(entry.data());
  if (count > kMostSegments || count > new_bytes) return damaged({count, " segments"});
  std::vector<Segment> segments(count);
  std::uint64_t total = 0;
  for (Segment& segment : segments) {
    if (Status status = frame.read(entry); !status) return status.error();
    segment = {load_u64(entry.data()), load_u32(&entry[8]), static_cast<SegmentKind>(load_u32(&entry[12]))};
    if (Status status = check_segment(segment, old_bytes); !status) return status.error();
    total += segment.bytes;
  }
  if (total != new_bytes) return damaged({"its segments have ", total, " bytes, the new file has ", new_bytes});
  return segments;
}

Status apply_typed(std::span<const std::byte> old, Frame& frame, std::uint64_t new_bytes, const Append& append) {
  const Result<std::vector<Segment>> segments = read_segments(frame, old.size(), new_bytes);
  if (!segments) return segments.error();
  std::vector<std::byte> data(kMostSegmentBytes), scratch(kMostSegmentBytes);
  for (const Segment& segment : *segments) {
    const std::span<std::byte> part = std::span(data).first(segment.bytes);
    if (Status status = frame.read(part); !status) return status;
    if (segment.kind != SegmentKind::kLiteral)
      add_old(segment.kind, old.subspan(segment.old_offset, segment.bytes), part, scratch);
    if (Status status = append(part); !status) return status;
  }
  return frame.finish();
}

Status apply_dictionary(Frame& frame, std::uint64_t new_bytes, const Append& append) {
  std::vector<std::byte> data(kMostSegmentBytes);
  while (new_bytes > 0) {
    const auto part = std::span(data).first(static_cast<std::size_t>(std::min<std::uint64_t>(new_bytes, data.size())));
    if (Status status = frame.read(part); !status) return status;
    if (Status status = append(part); !status) return status;
    new_bytes -= part.size();
  }
  return frame.finish();
}

}  // namespace

Status apply_delta(std::span<const std::byte> old, const ReadSome& delta, std::uint64_t new_bytes,
                   const Append& append) {
  const Result<DeltaMethod> method = read_header(delta, old.size(), new_bytes);
  if (!method) return method.error();
  Frame frame(delta, old);
  return *method == DeltaMethod::kTyped ? apply_typed(old, frame, new_bytes, append)
                                        : apply_dictionary(frame, new_bytes, append);
}

}  // namespace noggin::update
