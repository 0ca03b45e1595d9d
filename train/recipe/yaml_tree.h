// YAML as a plain tree in which every value knows its origin: a line of the recipe, or the command line.
#pragma once

#include <string>
#include <vector>

#include "train/recipe/recipe.h"

namespace noggin::train {

struct Origin {
  std::string where;          // "recipe.yaml:12" or "command line: train.ema=0.9"
  bool command_line = false;  // if true, relative paths are relative to the working directory
};

struct YamlTree {
  enum class Kind { kNull, kScalar, kList, kMap };
  struct Entry;

  Kind kind = Kind::kNull;
  std::string scalar;
  Origin origin;
  std::vector<YamlTree> items;  // kList
  std::vector<Entry> entries;   // kMap, in order, keys unique

  const YamlTree* find(const std::string& key) const;  // kMap: the value, or null
};

struct YamlTree::Entry {
  std::string key;
  Origin origin;  // of the key itself
  YamlTree value;
};

// The file's tree. Syntax errors, duplicate keys, non-text keys, several documents and a file that is not a
// map become problems; what could be read is returned.
YamlTree load_yaml(const std::string& path, std::vector<RecipeProblem>& problems);

// Sets one "dotted.key=value" in the tree; the value is YAML. List items are named by index.
void apply_override(YamlTree& root, const std::string& argument, std::vector<RecipeProblem>& problems);

// For messages: a scalar as written, "a list", "a map", "nothing".
std::string describe(const YamlTree& tree);

}  // namespace noggin::train
