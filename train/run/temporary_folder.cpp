#include "train/run/temporary_folder.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "train/run/failure.h"

namespace noggin::train {

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  path_ = (error ? std::filesystem::path("/tmp") : parent) / "noggin-XXXXXX";
  if (::mkdtemp(path_.data()) != nullptr) return;  // mode 0700
  throw Failure(ExitCode::kOutput, path_ + " cannot be made: " + std::strerror(errno) +
                                       ". Fix: set TMPDIR to a folder that can be written");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace noggin::train
