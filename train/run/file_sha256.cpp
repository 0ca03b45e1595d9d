#include "train/run/file_sha256.h"

#include <fstream>
#include <vector>

#include "bytes/sha256.h"
#include "train/run/failure.h"

namespace noggin::train {

std::string sha256_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> piece(std::size_t{1} << 20);
  Sha256 hash;
  do {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hash.update(std::string_view(piece.data(), static_cast<std::size_t>(file.gcount())));
  } while (file);
  if (!file.eof()) {
    throw Failure(ExitCode::kBadData, path + ": cannot be read. Fix: check the path and its permissions");
  }
  return hash.hex_digest();
}

}  // namespace noggin::train
