// Makes .nogdelta files (runtime/update/delta_format.h): what a device that has one model needs for another.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "noggin/result.h"
#include "update/delta_format.h"

namespace noggin::publish {

struct Delta {
  std::vector<std::byte> bytes;  // the whole .nogdelta file
  update::DeltaMethod method;
};
const char* method_name(update::DeltaMethod method);  // "typed", "dictionary"

// The smaller one of both methods; applied once, and compared, before it is returned. Both are whole .nog files whose
// memory starts at a multiple of 64 (as format::FileBytes gives it). kCorrupt: one is not; kOutOfSpace; kUnsupported:
// zstd failed.
Result<Delta> make_delta(std::span<const std::byte> old_file, std::span<const std::byte> new_file);

// The same by one method, for measuring.
Result<Delta> make_delta(std::span<const std::byte> old_file, std::span<const std::byte> new_file,
                         update::DeltaMethod method);

// How the new file is described by the old one, part by part: tensors of the same name and shape by their numbers,
// word rows by their pieces where a vocabulary has changed, everything else as it is or by its bytes.
Result<std::vector<update::Segment>> plan_segments(std::span<const std::byte> old_file,
                                                   std::span<const std::byte> new_file);

}  // namespace noggin::publish
