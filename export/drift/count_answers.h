// The reference counts of a model: its answers to the rows that it is judged on, counted as on a device.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "noggin/counts.h"
#include "noggin/result.h"

namespace noggin::exporter {

// bytes: a whole .nog file. Runs it on every text, on one thread. Errors: those of the reader and of a session.
Result<Counts> count_answers(std::span<const std::byte> bytes, std::span<const std::string_view> texts);

}  // namespace noggin::exporter
