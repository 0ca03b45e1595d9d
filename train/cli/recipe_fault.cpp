#include "train/cli/recipe_fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace noggin::tool {
namespace {

enum class FaultPlace { kRecipe, kCommandLine, kElsewhere };

// Where in the list a fault stands: the place, and in the recipe its line; 0 of what no line says.
std::pair<FaultPlace, std::size_t> order_of(const RecipeFault& fault) {
  if (fault.where.empty()) return {FaultPlace::kElsewhere, 0};
  if (fault.where.starts_with("command line")) return {FaultPlace::kCommandLine, 0};
  std::size_t line = 0;
  const std::size_t colon = fault.where.rfind(':');
  if (colon != std::string::npos) {
    const char* end = fault.where.data() + fault.where.size();
    const auto [stop, code] = std::from_chars(fault.where.data() + colon + 1, end, line);
    if (code != std::errc() || stop != end) line = 0;
  }
  return {FaultPlace::kRecipe, line};
}

std::string line_of_list(const RecipeFault& fault) {
  return fault.where.empty() ? fault.message : fault.where + ": " + fault.message;
}

}  // namespace

void throw_if_any(const std::string& recipe_path, std::vector<RecipeFault> faults) {
  if (faults.empty()) return;
  std::ranges::stable_sort(faults, {}, order_of);
  std::vector<std::string> lines;
  for (const RecipeFault& fault : faults) {
    std::string line = line_of_list(fault);
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
  }
  std::string message =
      fmt::format("{} cannot be run: {} {}", recipe_path, lines.size(), lines.size() == 1 ? "problem" : "problems");
  for (const std::string& line : lines) message.append("\n  ").append(line);
  const bool of_usage =
      std::ranges::any_of(faults, [](const RecipeFault& fault) { return fault.code == train::ExitCode::kUsage; });
  throw train::Failure(of_usage ? train::ExitCode::kUsage : faults.front().code, message);
}

}  // namespace noggin::tool
