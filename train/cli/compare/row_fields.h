// Fields of JSON rows that ingest does not read, for slices and groups.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace noggin::tool {

inline constexpr const char* kNoValue = "(none)";  // of a row without the field

// values[f][i]: field names[f] of the row on line lines[i] of a file of JSON lines, or what ingest reads so. A name
// is that of a field, or a path as in data/json/json_path.h. Text as it is; anything else as JSON. Throws Failure:
// kUsage for a name that no row has, with the nearest one that there is; kBadData for a file that cannot be read.
std::vector<std::vector<std::string>> row_fields(const std::string& path, const std::vector<std::string>& names,
                                                 std::span<const std::uint64_t> lines);

}  // namespace noggin::tool
