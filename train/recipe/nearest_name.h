// "Did you mean ...": the known name closest to a mistyped one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace noggin::train {

// Optimal string alignment distance: insertions, deletions, substitutions and swaps of adjacent characters cost 1 each.
// Case is ignored.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The name with the smallest distance, the first on ties; empty if there are no names.
std::string nearest_name(std::string_view wanted, const std::vector<std::string>& names);

}  // namespace noggin::train
