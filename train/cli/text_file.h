// Small files of results, which appear whole or not at all.
#pragma once

#include <string>

#include "bytes/atomic_file.h"
#include "train/run/failure.h"

namespace noggin::tool {

// Throws Failure (kOutput, kOutOfSpace).
inline void write_text(const std::string& path, const std::string& text) {
  train::throw_unless_written(write_file_atomically(path, text.data(), text.size()));
}

}  // namespace noggin::tool
