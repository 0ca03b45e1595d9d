// The beginning of a text from outside, for a message of one line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace noggin::data {

// In quotes, cut to `max_bytes` at a character and then ended by "...". What a terminal may not show (is_unprintable(),
// bytes/foreign_text.h) and what no reader would see (other format characters, what is not assigned, bytes that are not
// UTF-8) is written as there: \u200b.
std::string excerpt(std::string_view text, std::size_t max_bytes = 60);

}  // namespace noggin::data
