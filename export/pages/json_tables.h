// Objects and lists of JSON as tables, for what a page need not know by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "export/html/table.h"
#include "export/pages/json_values.h"

namespace noggin::exporter {

// The members that are values, intervals or flat lists, one a row; empty if there are none.
html::Markup facts_of(const Json& object);

// A list of objects, one a row. Columns: these keys in this order, or, if there are none, all keys of the first object
// whose values fit a cell. Keys that no object fills are left out. At most `most` rows;
// how many more there are is said below. Empty for an empty list.
struct ListOptions {
  std::vector<std::string> keys{};
  std::vector<std::string> shares{};  // keys of fractions of 1, shown in percent
  std::size_t most = 60;
};
html::Markup table_of(const Json& list, const ListOptions& options = {});

// An object of objects as such a list: each with its name in front, as `key`.
Json list_of(const Json& object, const std::string& key);

}  // namespace noggin::exporter
