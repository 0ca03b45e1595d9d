// The problems of recipes that a test writes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/cli_recipes.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::test {

class WrittenRecipe : public testing::Test {
 protected:
  std::vector<std::string> problems_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
    return lines(train::read_recipe(folder_.write("recipe.yaml", text), overrides).problems);
  }
  // The valid recipe with one more line at its end.
  std::vector<std::string> problems_with(const std::string& more) { return problems_of(valid_recipe() + more); }

  TemporaryFolder folder_;
};

// What one line of the report must hold.
inline testing::Matcher<std::string> at(const std::string& where, const std::string& what) {
  return testing::AllOf(testing::HasSubstr(where + ": "), testing::HasSubstr(what));
}

}  // namespace noggin::test
