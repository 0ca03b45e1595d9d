// Hashes of whole files, for records of what a run has read and written.
#pragma once

#include <cstdint>
#include <string>

namespace noggin::train {

// XXH3-64 of a file's bytes. Throws Failure (kBadData) when it cannot be read. A file that has not changed for some
// seconds is read only once per process. Thread-safe.
std::uint64_t hash_file(const std::string& path);

}  // namespace noggin::train
