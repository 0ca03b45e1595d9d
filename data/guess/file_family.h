// What a file that was refused looks like, for the message.
#pragma once

#include <string>

namespace noggin::data {

// "openai_batch", "rows with the fields a, b", ...: what most of its first documents are; "" if it cannot be read.
std::string family_of_file(const std::string& path);

}  // namespace noggin::data
