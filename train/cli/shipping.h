// Where a model lies says whether it may ship: export/model.nog has passed its gates, or nobody has judged it yet; one
// that failed lies beside it as model.rejected.nog, so that what takes files from there does not take it. `run` and
// `verify` rename, the latter where it judges as the run does; a later `run` with other gates gives the name back.
#pragma once

#include <string>
#include <vector>

namespace noggin::tool {

// "export/model.nog" -> "export/model.rejected.nog".
std::string rejected_name(const std::string& path);

// Renames each of `files` to its rejected name, in place of an older one; returns the new names. Throws Failure
// (kOutput).
std::vector<std::string> reject(const std::vector<std::string>& files);

// The other way round, for files that a later run may judge anew: where a file is missing and its rejected one lies
// there. What is superseded by a newer file is deleted.
void restore_rejected(const std::vector<std::string>& files);

}  // namespace noggin::tool
