// A folder for work that leaves nothing behind: only its owner can look into it, and it goes with the object.
#pragma once

#include <string>

namespace noggin::train {

class TemporaryFolder {
 public:
  // In the system's folder for temporary files (TMPDIR). Throws Failure (kOutput) if none can be made there.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace noggin::train
