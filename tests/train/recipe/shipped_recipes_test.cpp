// Every recipe in configs/ must read without a problem once its root is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/cli_recipes.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::train {
namespace {

TEST(ShippedRecipes, AreValidAndNeedTheirRoot) {
  int recipes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(NOGGIN_SOURCE_DIR "/configs")) {
    if (entry.path().extension() != ".yaml") continue;
    ++recipes;
    std::vector<std::string> overrides = {"data.root=shelf"};
    if (test::read_text(entry.path().string()).find("# folder: set on the command line") != std::string::npos) {
      overrides.push_back("init.folder=encoder");
    }
    const RecipeParse parse = read_recipe(entry.path().string(), overrides);
    EXPECT_THAT(test::lines(parse.problems), testing::IsEmpty()) << entry.path();
    EXPECT_THAT(test::lines(parse.warnings), testing::IsEmpty()) << entry.path();
    for (const data::Source& source : parse.recipe.data.train) {
      EXPECT_THAT(source.path, testing::StartsWith((std::filesystem::current_path() / "shelf/").string()));
    }
  }
  EXPECT_GE(recipes, 1);
}

}  // namespace
}  // namespace noggin::train
