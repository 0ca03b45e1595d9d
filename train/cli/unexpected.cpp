#include "train/cli/unexpected.h"

#include <string_view>

namespace noggin::tool {
namespace {

constexpr std::string_view kOutOfMemory[] = {"can't allocate memory", "out of memory", "bad_alloc"};

}  // namespace

train::Failure unexpected(const std::exception& error) {
  const std::string_view what = error.what();
  for (const std::string_view sign : kOutOfMemory) {
    if (what.find(sign) != std::string_view::npos)
      return {train::ExitCode::kOutOfSpace, "out of memory. Fix: use a smaller train.batch_rows"};
  }
  const std::string_view first = what.substr(0, what.find('\n'));
  std::string message =
      "internal error, which is a fault of this program; please report it with the command and this text: ";
  message += first.substr(0, first.find(" (most recent call first)"));
  return {train::ExitCode::kFailure, message};
}

}  // namespace noggin::tool
