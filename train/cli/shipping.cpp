#include "train/cli/shipping.h"

#include <filesystem>
#include <system_error>

#include "train/run/failure.h"

namespace noggin::tool {

namespace fs = std::filesystem;

std::string rejected_name(const std::string& path) {
  fs::path name(path);
  const std::string extension = name.extension().string();
  return name.replace_extension("rejected" + extension).string();
}

std::vector<std::string> reject(const std::vector<std::string>& files) {
  std::vector<std::string> names;
  for (const std::string& file : files) {
    names.push_back(rejected_name(file));
    std::error_code error;
    fs::rename(file, names.back(), error);
    if (!error) continue;
    throw train::Failure(train::ExitCode::kOutput, file + " failed its gates, but cannot be renamed to " +
                                                       names.back() + " (" + error.message() +
                                                       "). Fix: do not ship it");
  }
  return names;
}

void restore_rejected(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    const std::string rejected = rejected_name(file);
    std::error_code error;
    if (!fs::exists(rejected, error)) continue;
    if (fs::exists(file, error)) {
      fs::remove(rejected, error);
    } else {
      fs::rename(rejected, file, error);  // if it cannot be, it is made anew
    }
  }
}

}  // namespace noggin::tool
