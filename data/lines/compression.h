// Compressed files, decompressed as a stream: which kind, by the first bytes, and one decoder for each.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "data/lines/raw_file.h"
#include "noggin/result.h"

namespace noggin::data {

enum class Compression { kNone, kGzip, kZstandard, kBzip2, kXz };

// By the first bytes; a name's ending proves nothing.
Compression compression_of(std::string_view start);
// The program that writes the decompressed bytes of a file to its output: "gzip -dc". Not for kNone.
std::string_view decompressor_of(Compression compression);

// Reads all members, frames or streams of a file one after another, as `cat a.gz b.gz`, pigz and pbzip2 make them.
struct Decoder {
  virtual ~Decoder() = default;
  // At most buffer.size() decompressed bytes, not empty; 0 at the end. Damaged data is kCorrupt; what would need more
  // memory than kMaxDecoderBytes is kUnsupported.
  virtual Result<std::size_t> read(RawFile& file, std::span<char> buffer) = 0;
  // After the end: the file stops inside a member.
  virtual bool cut() const = 0;
};

inline constexpr std::size_t kMaxDecoderBytes = std::size_t{128} << 20;

std::unique_ptr<Decoder> make_decoder(Compression compression);

}  // namespace noggin::data
