// Every rule that ties the arrays of a block together, for blocks that come from a file.
#pragma once

#include <cstdint>
#include <string>

#include "data/shards/example_table.h"

namespace noggin::data {

// What is wrong with a block that should hold `rows` rows, or "". Safe for any sizes and values, as long as each label
// has block.top_k entries.
std::string check_rows(const ExampleTable& block, std::uint64_t rows);

}  // namespace noggin::data
