// The demo's grammar as text, one rule per line: "name = alternative | alternative | ...". A line that starts with "|"
// continues the rule above. "{name}" is replaced by a random alternative of that rule, "{T.do}" by one of the rule
// named after the intent bound to T, e.g. "refund.do". An alternative may be empty; one given twice is twice as likely.
#pragma once

#include <string_view>

namespace noggin::data {

std::string_view demo_rules();

}  // namespace noggin::data
