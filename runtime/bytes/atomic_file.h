// Files that appear whole or not at all.
#pragma once

#include <cstddef>
#include <string>

#include "noggin/result.h"

namespace noggin {

// Writes a temporary file (<path>.tmp-<process>-<n>, in the same folder), flushes it to disk and renames it into place.
// Replaces an existing file; a symbolic link is replaced, not followed. kOutOfSpace when the disk is full, else kIo;
// the temporary file is removed on failure.
Status write_file_atomically(const std::string& path, const void* bytes, std::size_t size);

}  // namespace noggin
