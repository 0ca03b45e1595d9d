// Some rows of a table as a table of their own.
#pragma once

#include <cstdint>
#include <span>

#include "data/shards/example_table.h"

namespace noggin::data {

// The rows with these numbers, each below table.rows(), in the order given; a row may be given several times. All
// columns are copied.
ExampleTable rows_at(const ExampleTable& table, std::span<const std::uint32_t> rows);

}  // namespace noggin::data
