// The only serializer of .nog files (spec/FORMAT.md).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "format/frozen_model.h"

namespace noggin::format {

// The whole file as bytes. Validates first. The same model gives the same bytes on every machine.
Result<std::vector<std::byte>> serialize(const FrozenModel& model);

// serialize, then write so that the file appears whole or not at all (temporary file, fsync, rename).
Status write_model(const FrozenModel& model, const std::string& path);

// The same "whole or not at all" for any bytes; also used by trainer-side reports and checkpoints.
Status write_file_atomically(const std::string& path, const void* bytes, std::size_t size);

}  // namespace noggin::format
