#include "train/run/distributed_environment.h"

#include <fmt/format.h>

#include <cstdlib>

#include "train/run/failure.h"

namespace noggin::train {
namespace {

constexpr const char* kFix =
    "Fix: start with torchrun --no-python, or set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT for every process";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

// From 0 to 65535, or `otherwise` when the variable is unset.
std::uint32_t number(const char* name, std::uint32_t otherwise) {
  const std::string text = variable(name);
  if (text.empty()) return otherwise;
  char* end = nullptr;
  const unsigned long value = std::strtoul(text.c_str(), &end, 10);
  if (*end != '\0' || value > 65535) {
    throw Failure(ExitCode::kUsage, fmt::format("{}={}: not a number from 0 to 65535. {}", name, text, kFix));
  }
  return static_cast<std::uint32_t>(value);
}

}  // namespace

GroupPlace group_place() {
  GroupPlace place;
  place.rank = number("RANK", 0);
  place.world_size = number("WORLD_SIZE", 1);
  if (place.rank > 0 && place.rank >= place.world_size) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("RANK={} is not below WORLD_SIZE={}. {}", place.rank, place.world_size, kFix));
  }
  if (place.world_size <= 1) return place;
  place.master_host = variable("MASTER_ADDR");
  if (place.master_host.empty() || variable("RANK").empty()) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("WORLD_SIZE={} needs RANK and MASTER_ADDR. {}", place.world_size, kFix));
  }
  place.master_port = static_cast<std::uint16_t>(number("MASTER_PORT", place.master_port));
  place.launcher_serves = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  place.attempt = number("TORCHELASTIC_RESTART_COUNT", 0);
  return place;
}

std::uint32_t environment_rank() { return group_place().rank; }

}  // namespace noggin::train
