// Which rows of a start's classifier the classes of a recipe take: those of the same name. No LibTorch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spec/task.h"
#include "train/start/start_description.h"

namespace noggin::train {

struct ClassMatch {
  std::vector<std::int64_t> rows;    // of each class: the row of the start, or -1: it starts at random
  std::vector<std::string> dropped;  // classes of the start that the recipe does not have
  std::string obstacle;              // why no row is taken: another kind of task, no classifier; else empty

  std::size_t kept() const;
};

ClassMatch match_classes(const StartDescription& start, spec::TaskKind task, const std::vector<std::string>& labels);

// "classifier: 7 of 9 classes as they are, 2 new ones start at random (a, b), 1 dropped (c)".
std::string text_of(const ClassMatch& match, const std::vector<std::string>& labels);

}  // namespace noggin::train
