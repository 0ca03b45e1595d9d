// Into which pieces a large log is cut (line_pieces.h), remembered beside its part files, so that a log whose hash is
// known need not be read for it.
//   <folder>/<key>.pieces: for each piece its bytes, lines and hash as u64; u64 hash of all before it (XXH3-64)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/lines/line_pieces.h"
#include "noggin/result.h"

namespace noggin::data {

inline constexpr const char* kPiecesExtension = ".pieces";

struct FilePieces {
  std::uint64_t file_bytes = 0;
  std::vector<LinePiece> pieces{};  // none: the file is read in one go
  std::string memory{};             // the file that remembers them
};

// The hash of all bytes of a log. How a large one is cut is found in the same pass and remembered, so that pieces_of()
// does not read it for that. folder: made if it is absent.
Result<std::uint64_t> hash_and_cut(const std::string& path, std::uint64_t piece_bytes, const std::string& folder);

// file_hash: of the file at `path`. kIo too if the file is another by now.
Result<FilePieces> pieces_of(const std::string& path, std::uint64_t file_hash, std::uint64_t piece_bytes,
                             const std::string& folder);

}  // namespace noggin::data
