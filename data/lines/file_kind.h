// Files that are no text: recognised by their first bytes, and named with the command that turns them into text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "noggin/result.h"

namespace noggin::data {

// So many first bytes are enough; fewer if the file is shorter.
inline constexpr std::size_t kKindBytes = 4096;

// Why a file that begins like this cannot be read as text, as an Error (kBadData) with the command to run; nothing for
// text, which may still be damaged. Known: containers of tables (Parquet, Arrow, ORC, Avro, HDF5, SQLite,
// spreadsheets), archives, compressions that are not read and any inside another, Python's own formats, images, sound,
// PDF, web pages, pointers of Git LFS, UTF-32; and what has too many control characters for a text.
// compressed: `start` is the inside of a compressed file.
std::optional<Error> refuse_binary(std::string_view start, const std::string& path, bool compressed);

}  // namespace noggin::data
