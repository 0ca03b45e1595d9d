#include "train/run/distributed_environment.h"

#include <fmt/format.h>

#include <cstdlib>

#include "train/run/failure.h"

namespace noggin::train {

std::uint32_t environment_number(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return otherwise;
  char* end = nullptr;
  const unsigned long value = std::strtoul(text, &end, 10);
  if (*end != '\0' || value > 65535) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("{}={}: not a number from 0 to 65535. Fix: start with torchrun --no-python, or set RANK, "
                              "WORLD_SIZE, MASTER_ADDR and MASTER_PORT",
                              name, text));
  }
  return static_cast<std::uint32_t>(value);
}

std::uint32_t environment_rank() { return environment_number("RANK", 0); }
std::uint32_t environment_world_size() { return environment_number("WORLD_SIZE", 1); }

}  // namespace noggin::train
