// Hashes of whole files, for records of what a run has read and written.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace noggin::train {

// XXH3-64 of a file's bytes. Throws Failure (kBadData) when it cannot be read. A file that has not changed for some
// seconds is read only once per process. Thread-safe.
std::uint64_t hash_file(const std::string& path);
// The same; `read` makes the hash if the file must be read, for a caller that wants more than the hash of its bytes.
std::uint64_t hash_file(const std::string& path, const std::function<std::uint64_t()>& read);

// The hash of a file that this process has just written and hashed: hash_file() does not read it again in this process
// as long as it does not change, as far as the system tells. For files that nobody else writes to.
void know_file_hash(const std::string& path, std::uint64_t hash);

// Lets hash_file() remember beyond this process: takes over the hashes that earlier processes have left in `memory`,
// and adds those made from now on, each at once. Only of files of at least kWorthRemembering; the others are read as
// fast. A hash counts for the file that it was made of, by device, inode, size and time of the last change of its
// inode, so that a copy or a restored file is read again. Lines of `memory` that are damaged are no hashes; a file that
// cannot be written to is not, since nothing is lost but time. Replaces the `memory` of an earlier call.
void remember_file_hashes(const std::string& memory);
inline constexpr std::uint64_t kWorthRemembering = std::uint64_t{1} << 20;  // bytes

}  // namespace noggin::train
