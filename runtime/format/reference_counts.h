// The reference section: what the model was asked and answered on the rows that its trainer judged it on, counted by
// the code that counts on a device (noggin/counters.h), so that both can be compared.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "noggin/counts.h"
#include "noggin/result.h"

namespace noggin::format {

inline constexpr std::uint64_t kLargestCount = std::uint64_t{1} << 48;  // so that no sum overflows

// The section's bytes. Their number depends on that of the answers alone.
std::vector<std::byte> reference_section(const Counts& counts);
// Every rule of the section. answers: the number of labels, for tag and edit of span types.
Status check_reference(std::span<const std::byte> section, std::size_t answers);
// What a checked section says.
Counts counts_of(std::span<const std::byte> section);

}  // namespace noggin::format
