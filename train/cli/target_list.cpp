#include "train/cli/target_list.h"

#include <sstream>

#include "export/verify/targets.h"
#include "train/run/failure.h"

namespace noggin::tool {

std::vector<std::string> targets_of(const Arguments& arguments) {
  std::vector<std::string> targets;
  std::istringstream list(arguments.text_or("targets", ""));
  for (std::string name; std::getline(list, name, ',');) targets.push_back(name);
  if (arguments.has("targets") && targets.empty()) targets.emplace_back();  // an empty list names nothing
  train::throw_unless_ok(exporter::check_targets(targets));
  return targets;
}

}  // namespace noggin::tool
