// The password of a secret key: from a file, or from the person at the terminal. Never from an argument, which every
// process of the machine can read.
#pragma once

#include <string>

#include "train/cli/arguments.h"

namespace noggin::tool {

// --password-file.
void add_password_options(boost::program_options::options_description& options);

// The first line of --password-file, else what is typed at the terminal, without echo. twice: typed again, and the
// same. Throws Failure: kUsage without file and terminal, or if both differ; kBadData for a file that cannot be read,
// is empty or too long.
std::string password_of(const Arguments& arguments, const std::string& key_file, bool twice);

// The password of that key file, or nothing if it has none.
std::string password_if_needed(const Arguments& arguments, const std::string& key_file);

}  // namespace noggin::tool
