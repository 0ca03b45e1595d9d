// Makes a new model file from the one before and a .nogdelta file. Bit for bit the file that the delta was made for, or
// an Error: whoever calls this compares the hash of what came out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "noggin/result.h"

namespace noggin::update {

// Writes up to to.size() bytes there and returns how many; 0 at the end.
using ReadSome = std::function<Result<std::size_t>(std::span<std::byte> to)>;
using Append = std::function<Status(std::span<const std::byte> bytes)>;

// Appends exactly new_bytes bytes, in order. kCorrupt: the delta is cut, damaged, for another old file, or makes more
// or less than new_bytes (so a small file cannot fill a disk); errors of `delta` and `append` are passed on. Memory:
// zstd's window (at most 128 MiB, for a model of a few MB no more than the model), 2 MiB, and 16 bytes per segment.
Status apply_delta(std::span<const std::byte> old, const ReadSome& delta, std::uint64_t new_bytes,
                   const Append& append);

}  // namespace noggin::update
