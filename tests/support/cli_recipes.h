// Recipes for tests: a small valid one, and ways to modify it.
#pragma once

#include <string>
#include <vector>

#include "train/recipe/recipe.h"

namespace noggin::test {

// Line numbers are those of the text: data is line 2, labels line 3, ...
inline std::string valid_recipe() {
  return "name: tiny\n"                                      // 1
         "data:\n"                                           // 2
         "  labels: [refund, parcel, other]\n"               // 3
         "  none_label: other\n"                             // 4
         "  train: [{adapter: jsonl, path: train.jsonl}]\n"  // 5
         "  dev: [{adapter: jsonl, path: dev.jsonl}]\n"      // 6
         "  test: [{adapter: jsonl, path: test.jsonl}]\n"    // 7
         "phases:\n"                                         // 8
         "  - {kind: distil, epochs: 3}\n"                   // 9
         "  - kind: qat\n"                                   // 10
         "    epochs: 1\n";                                  // 11
}

// "where: message" of each problem, to match with gmock.
inline std::vector<std::string> lines(const std::vector<train::RecipeProblem>& problems) {
  std::vector<std::string> result;
  for (const train::RecipeProblem& problem : problems) result.push_back(problem.where + ": " + problem.message);
  return result;
}

}  // namespace noggin::test
