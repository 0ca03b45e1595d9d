// SHA-256 of whole files, for a certificate: XXH3 (file_hash.h) finds accidents, this one finds everything.
#pragma once

#include <string>

namespace noggin::train {

// 64 hexadecimal digits. Reads the file each time. Throws Failure (kBadData) when it cannot be read.
std::string sha256_file(const std::string& path);

}  // namespace noggin::train
