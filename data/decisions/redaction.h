// Texts that a gateway took out of a log.
#pragma once

#include <string_view>

namespace noggin::data {

// Whether each line of a text, after its path or role, is a mark that stands for a text ("redacted-by-...",
// "[REDACTED]").
bool is_redacted(std::string_view text);

}  // namespace noggin::data
