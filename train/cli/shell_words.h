// Commands that a message offers: as they can be pasted into a shell.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace noggin::tool {

// One word, in single quotes if a shell would read it as anything else.
std::string shell_word(std::string_view word);
// Words with blanks between them.
std::string shell_command(std::initializer_list<std::string_view> words);

}  // namespace noggin::tool
