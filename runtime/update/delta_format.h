// The bytes of a .nogdelta file (FORMAT.md says the same in prose); its maker and the device take them from here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace noggin::update {

// --- Header; a zstd frame (RFC 8878), which has the old file as its prefix, follows up to the end of the file ---
inline constexpr std::string_view kDeltaMagic = "NOGDELTA";
inline constexpr std::uint32_t kDeltaVersion = 1;
inline constexpr std::size_t kDeltaVersionOffset = 8;    // u32
inline constexpr std::size_t kDeltaMethodOffset = 12;    // u32, a DeltaMethod
inline constexpr std::size_t kDeltaNewBytesOffset = 16;  // u64
inline constexpr std::size_t kDeltaOldBytesOffset = 24;  // u64
inline constexpr std::size_t kDeltaHeaderBytes = 32;

enum class DeltaMethod : std::uint32_t {
  kTyped = 1,       // the frame holds segments: what stands where, relative to which bytes of the old file
  kDictionary = 2,  // the frame holds the new file
};

// --- Typed: u32 count, `count` segments, then the data of each segment, `bytes` long. The segments are the new file,
// one after the other ---
enum class SegmentKind : std::uint32_t {
  kLiteral = 0,  // data is the new bytes; old_offset is 0
  kBytes = 1,    // new byte = old byte + data byte, modulo 256: int8 weights
  kNibbles = 2,  // the same for each half of a byte, modulo 16: int4 weights
  kWords = 3,  // u32, little-endian: new = old + (d >> 1 ^ -(d & 1)), modulo 2^32; data holds the first bytes of all d,
               // then the second ones, ...: floats and int32. bytes is a multiple of 4
};
struct Segment {
  std::uint64_t old_offset = 0;  // from the start of the old file
  std::uint32_t bytes = 0;
  SegmentKind kind = SegmentKind::kLiteral;
};
inline constexpr std::size_t kSegmentBytes = 16;          // u64, u32, u32
inline constexpr std::uint32_t kMostSegments = 1U << 17;  // and no file has more segments than bytes
inline constexpr std::uint32_t kMostSegmentBytes = 1U << 20;

inline constexpr int kMostWindowLog = 27;  // zstd's window: what a device needs at most, 128 MiB

// In place: `data` of a segment of this kind becomes the new bytes, given as many old ones; and back: new bytes become
// data. scratch: as many bytes, used by kWords.
void add_old(SegmentKind kind, std::span<const std::byte> old, std::span<std::byte> data, std::span<std::byte> scratch);
void subtract_old(SegmentKind kind, std::span<const std::byte> old, std::span<std::byte> data,
                  std::span<std::byte> scratch);

}  // namespace noggin::update
