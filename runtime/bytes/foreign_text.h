// Text from outside (rows, labels, names of files) where a terminal or a log file shows it. It may not move the cursor,
// reorder what stands beside it, or begin a line that looks like ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace noggin {

// Control characters (C0 with tab and line feed, DEL, C1), the line and paragraph separators U+2028 and U+2029, and the
// marks that change the direction of writing (U+061C, U+200E, U+200F, U+202A..E, U+2066..9). Labels hold none of them.
bool is_unprintable(std::uint32_t code_point);

// `text` with these as \u001b, U+FFFD for what is not UTF-8, and everything else unchanged; line feeds and tabs stay.
// So it is safe to print what was put together from texts of ours and others, and JSON keeps its meaning.
std::string printable(std::string_view text);

// As JSON and C write it: "\u", four lower-case hexadecimal digits. code_point: at most U+FFFF.
void append_escaped(std::uint32_t code_point, std::string& out);

}  // namespace noggin
