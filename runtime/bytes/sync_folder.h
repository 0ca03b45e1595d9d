// Makes names survive a power failure.
#pragma once

#include <string>

namespace noggin {

// Flushes a folder to disk: what was renamed in it before keeps its new name. 0, or errno. File systems that cannot
// sync a folder, and folders that cannot be read, are no error: there is nothing to do then.
int sync_folder(const std::string& folder);

}  // namespace noggin
