// A large file of lines as pieces that can be read side by side, each by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/lines/line_reader.h"
#include "data/lines/raw_file.h"
#include "noggin/result.h"

namespace noggin::data {

struct CutFile {
  std::optional<FileDigest> file;  // of all its bytes; none for a file that was not read, since it has no pieces
  std::vector<LinePiece> pieces;   // in order; nothing is left out but a byte order mark
};

// Cuts a file at the first line end after each multiple of piece_bytes, so that what is appended to it changes only the
// last piece, and adds others. No pieces for a file of which not every line is a document (has_plain_lines()), and for
// one that would be one piece. Reads the file once. The errors of LineReader::open_any.
Result<CutFile> cut_lines(const std::string& path, std::uint64_t piece_bytes);

}  // namespace noggin::data
