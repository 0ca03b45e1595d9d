#include "export/publish/delta_maker.h"

#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "bytes/little_endian.h"
#include "update/delta.h"

namespace noggin::publish {
namespace {

using update::DeltaMethod;
using update::Segment;
using update::SegmentKind;

constexpr int kLevel = 19;  // the last one that needs no special memory; made once, read often

template <typename Bytes>
void append_all(std::vector<std::byte>& out, const Bytes& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::vector<std::byte> header(DeltaMethod method, std::uint64_t old_bytes, std::uint64_t new_bytes) {
  std::vector<std::byte> out;
  append_all(out, std::as_bytes(std::span(update::kDeltaMagic)));
  append_little_endian(out, update::kDeltaVersion);
  append_little_endian(out, static_cast<std::uint32_t>(method));
  append_little_endian(out, new_bytes);
  append_little_endian(out, old_bytes);
  return out;
}

std::vector<std::byte> typed_content(const std::vector<Segment>& segments, std::span<const std::byte> old_file,
                                     std::span<const std::byte> new_file) {
  std::vector<std::byte> out;
  append_little_endian(out, static_cast<std::uint32_t>(segments.size()));
  for (const Segment& segment : segments) {
    append_little_endian(out, segment.old_offset);
    append_little_endian(out, segment.bytes);
    append_little_endian(out, static_cast<std::uint32_t>(segment.kind));
  }
  std::vector<std::byte> data, scratch(update::kMostSegmentBytes);
  for (const Segment& segment : segments) {
    const auto part = new_file.first(segment.bytes);
    new_file = new_file.subspan(segment.bytes);
    data.assign(part.begin(), part.end());
    if (segment.kind != SegmentKind::kLiteral)
      update::subtract_old(segment.kind, old_file.subspan(segment.old_offset, segment.bytes), data, scratch);
    append_all(out, data);
  }
  return out;
}

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

// Appends a frame of `content`, for which the old file is a prefix.
Status append_frame(std::span<const std::byte> content, std::span<const std::byte> old_file,
                    std::vector<std::byte>& out) {
  const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  if (context == nullptr) return Error{ErrorCode::kOutOfSpace, "no memory for zstd"};
  const int window =
      std::clamp(static_cast<int>(std::bit_width(content.size() + old_file.size())), 10, update::kMostWindowLog);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_enableLongDistanceMatching, 1);
  ZSTD_CCtx_refPrefix(context.get(), old_file.data(), old_file.size());
  const std::size_t start = out.size();
  out.resize(start + ZSTD_compressBound(content.size()));
  const std::size_t size =
      ZSTD_compress2(context.get(), &out[start], out.size() - start, content.data(), content.size());
  if (ZSTD_isError(size) != 0)
    return Error{ErrorCode::kUnsupported, std::string("zstd cannot make the delta: ") + ZSTD_getErrorName(size)};
  out.resize(start + size);
  return {};
}

// What devices will do with it.
Status check(const std::vector<std::byte>& delta, std::span<const std::byte> old_file,
             std::span<const std::byte> new_file) {
  std::span<const std::byte> rest = delta;
  const update::ReadSome read = [&rest](std::span<std::byte> to) -> Result<std::size_t> {
    const std::size_t count = std::min(to.size(), rest.size());
    std::copy_n(rest.begin(), count, to.begin());
    rest = rest.subspan(count);
    return count;
  };
  std::vector<std::byte> made;
  const update::Append append = [&made](std::span<const std::byte> bytes) {
    append_all(made, bytes);
    return Status();
  };
  if (Status status = update::apply_delta(old_file, read, new_file.size(), append); !status) return status;
  if (std::equal(made.begin(), made.end(), new_file.begin(), new_file.end())) return {};
  return Error{ErrorCode::kUnsupported, "the delta does not give the new file: please report it"};
}

}  // namespace

const char* method_name(DeltaMethod method) { return method == DeltaMethod::kTyped ? "typed" : "dictionary"; }

Result<Delta> make_delta(std::span<const std::byte> old_file, std::span<const std::byte> new_file, DeltaMethod method) {
  Delta delta{header(method, old_file.size(), new_file.size()), method};
  Status status;
  if (method == DeltaMethod::kTyped) {
    const Result<std::vector<Segment>> segments = plan_segments(old_file, new_file);
    if (!segments) return segments.error();
    status = append_frame(typed_content(*segments, old_file, new_file), old_file, delta.bytes);
  } else {
    status = append_frame(new_file, old_file, delta.bytes);
  }
  if (status) status = check(delta.bytes, old_file, new_file);
  if (!status) return status.error();
  return delta;
}

Result<Delta> make_delta(std::span<const std::byte> old_file, std::span<const std::byte> new_file) {
  Result<Delta> typed = make_delta(old_file, new_file, DeltaMethod::kTyped);
  if (!typed) return typed;
  Result<Delta> dictionary = make_delta(old_file, new_file, DeltaMethod::kDictionary);
  if (!dictionary) return dictionary;
  return typed->bytes.size() <= dictionary->bytes.size() ? typed : dictionary;
}

}  // namespace noggin::publish
