// The beginning of a text from outside, for a message of one line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace noggin::data {

// In quotes, cut to `max_bytes` at a character and then ended by "...". Characters that would change how the message
// itself is shown (control and format characters, line separators, what is not assigned) are written as \u{A0}.
std::string excerpt(std::string_view text, std::size_t max_bytes = 60);

}  // namespace noggin::data
