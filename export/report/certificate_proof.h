// A certificate against what was found anew: each member of the one is looked up in the other. Nothing is skipped: a
// member that was not found again is either named as not checked, with what is missing, or it does not hold; so does
// one that was found and is not stated, for a line that was taken out.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace noggin::exporter {

using Json = nlohmann::ordered_json;

enum class Standing { kHolds, kFails, kNotChecked };
const char* standing_name(Standing standing);  // "holds", "does not hold", "not checked"

// One member: "targets.avx2.flips".
struct ProvenMember {
  std::string path;
  Standing standing = Standing::kFails;
  Json stated, found;  // found: null if there is none
  std::string why;     // not checked: what is missing; fails without a value: that the member is unknown
};

// Members that stand together: "subject.model", "targets.avx2", "gates.oracle".
struct ProofLine {
  std::string name;
  Standing standing = Standing::kHolds;  // fails if a member does; not checked if none holds
  std::vector<ProvenMember> members;
};

// What could not be found, and why. path: the names that lead to a member, or to all below it; "*" is any name.
struct Missing {
  std::vector<std::string> path;
  std::string why;
  bool even_if_equal = false;  // an equal value proves nothing: two that were made in one second have the same time
};

// Statements that nothing can prove afterwards: a time, a speed, the name of a file, what another machine could not
// run.
std::vector<Missing> unprovable_statements();

// Objects of an array that have a "name" are compared by it, other items by their place. missing: the first that fits
// counts; it is asked only where `found` has no such member, or, for unprovable statements, another value.
std::vector<ProofLine> prove(const Json& stated, const Json& found, const std::vector<Missing>& missing);

// {"lines": [{"line", "standing", "members": [{"path", "standing", "stated", "found", "why"}]}], "holds", "fails",
//  "not_checked", "passed"}; and a table for people. Counts are of members.
Json proof_json(const std::vector<ProofLine>& lines);
std::string proof_table(const std::vector<ProofLine>& lines);

}  // namespace noggin::exporter
