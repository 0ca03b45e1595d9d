// What one night trains: the recipe as its author wrote it, with the shipped model as what it replaces and, where it
// can, as where it begins.
#pragma once

#include <string>
#include <vector>

#include "train/recipe/recipe.h"

namespace noggin::tool {

struct NightRecipe {
  std::string path;                // where it was written
  std::vector<std::string> notes;  // what differs from the recipe as given, and why
};

// Writes the recipe that starts from `start` (a checkpoint; "": not asked) and replaces `shipped` ("": nothing) to
// `path`. Starting from a student takes its shape and its vocabulary, and what has been pruned stays away: prune phases
// are left out. Where its shape or its classes do not fit, the night begins as the recipe says, and a note says why.
// Throws Failure.
NightRecipe write_night_recipe(const train::Recipe& given, const std::string& shipped, const std::string& start,
                               const std::string& path);

}  // namespace noggin::tool
