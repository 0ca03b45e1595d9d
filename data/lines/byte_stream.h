// The bytes of a file, decompressed on the fly: plain, gzip or Zstandard, detected by the first bytes, not by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "noggin/result.h"

namespace noggin::data {

class ByteStream {
 public:
  static Result<ByteStream> open(const std::string& path);
  ByteStream(ByteStream&&) noexcept;
  ByteStream& operator=(ByteStream&&) noexcept;
  ~ByteStream();

  // Fills at most buffer.size() bytes; 0 at the end. Damaged compressed data is an Error (kCorrupt).
  Result<std::size_t> read(std::span<char> buffer);
  bool compressed() const;
  // After the end: the file stops inside a compressed stream (its writer was killed), so what follows is lost.
  bool cut() const;
  // Number and hash of the raw file bytes read so far; after the end, those of the whole file.
  std::uint64_t file_bytes() const;
  std::uint64_t file_hash() const;

  struct Decoder;  // one per compression; private to byte_stream.cpp

 private:
  struct State;
  explicit ByteStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace noggin::data
