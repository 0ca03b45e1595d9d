// A recipe's file and overrides as text: YAML, encoding, what is no file, variables in paths, keys of former versions.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/cli_recipe_problems.h"
#include "train/recipe/recipe_parser.h"

namespace noggin::train {
namespace {

using test::at;
using test::lines;
using test::valid_recipe;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RecipeText : public test::WrittenRecipe {};

TEST_F(RecipeText, NotYaml) {
  EXPECT_THAT(problems_of("name: [1\nseed: 2\n"), ElementsAre(HasSubstr("not valid YAML")));
  EXPECT_THAT(problems_of("just text\n"), ElementsAre(at("recipe.yaml:1", "not a recipe")));
  EXPECT_THAT(problems_of(""), ElementsAre(HasSubstr("not a recipe")));
  EXPECT_THAT(problems_of("name: a\n---\nname: b\n"), ElementsAre(HasSubstr("several YAML documents")));
  EXPECT_THAT(lines(read_recipe(folder_.file("missing.yaml"), {}).problems),
              ElementsAre(HasSubstr("cannot be opened")));
}

// In our words, with the place; no message of the library that reads YAML.
TEST_F(RecipeText, NotYamlSaysWhere) {
  for (const char* text : {"name: [1\nseed: 2\n", "name: {a\n", "name: x\n  seed: 1\n", "a: b: c\n", "name: *nowhere\n",
                           "name: \"\\q\"\n", "\tname: x\n"}) {
    EXPECT_THAT(problems_of(text), ElementsAre(AllOf(HasSubstr("recipe.yaml:"), HasSubstr("not valid YAML from column"),
                                                     HasSubstr("Fix: "))))
        << text;
  }
  std::string deep = "name: ";
  deep.append(100'000, '[');
  EXPECT_THAT(problems_of(deep), ElementsAre(HasSubstr("not valid YAML")));
}

TEST_F(RecipeText, TextMustBeUtf8) {
  EXPECT_THAT(problems_with("seed: 1\n#\xFF\n"), ElementsAre(at("recipe.yaml:13", "not UTF-8")));
  EXPECT_THAT(problems_of(valid_recipe(), {"name=a\xFFz"}), ElementsAre(at("command line", "not UTF-8")));
  std::string text = valid_recipe();
  text.replace(text.find("tiny"), 4, "\"a\\0z\"");
  EXPECT_THAT(problems_of(text), testing::Contains(at("recipe.yaml:1", "not text")));
}

TEST_F(RecipeText, AFileThatIsNoneIsNeverWaitedFor) {
  const std::string fifo = folder_.file("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(lines(read_recipe(fifo, {}).problems), ElementsAre(HasSubstr("is not a file but a pipe")));
  EXPECT_THAT(lines(read_recipe(folder_.path(), {}).problems), ElementsAre(HasSubstr("is not a file but a folder")));
  EXPECT_THAT(lines(read_recipe("/dev/zero", {}).problems), ElementsAre(HasSubstr("a device")));
  const std::string huge = folder_.write("huge.yaml", "name: x\n");
  ASSERT_EQ(::truncate(huge.c_str(), off_t{1} << 32), 0);
  EXPECT_THAT(lines(read_recipe(huge, {}).problems), ElementsAre(HasSubstr("has 4294967296 bytes")));
}

TEST_F(RecipeText, AliasesThatExplodeAreStopped) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + previous;
    for (int j = 0; j < 9; ++j) text += ", " + previous;
    text += "]\n";
  }
  EXPECT_THAT(problems_of(text), testing::Contains(HasSubstr("too large")));
}

TEST_F(RecipeText, Overrides) {
  EXPECT_THAT(problems_of(valid_recipe(), {"train.ema"}),
              ElementsAre(at("command line: train.ema", "write key=value")));
  EXPECT_THAT(problems_of(valid_recipe(), {"train.emma=1"}),
              ElementsAre(at("command line: train.emma=1", "the nearest is \"train.ema\"")));
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.7.epochs=1"}),
              ElementsAre(HasSubstr("\"phases\" is a list of 2 items; \"7\"")));
  EXPECT_THAT(problems_of(valid_recipe(), {"name.x=1"}), ElementsAre(HasSubstr("\"name\" is a plain value")));
  EXPECT_THAT(problems_of(valid_recipe(), {"name=[1"}), ElementsAre(HasSubstr("put it in quotes")));
}

TEST_F(RecipeText, RootVariable) {
  std::string text = valid_recipe();
  text.replace(text.find("train.jsonl"), 11, "\"${root}/train.jsonl\"");
  EXPECT_THAT(problems_of(text), ElementsAre(at("recipe.yaml:5", "data.root is not set")));
  text.replace(text.find("${root}"), 7, "${home}");
  EXPECT_THAT(problems_of(text), ElementsAre(at("recipe.yaml:5", "the only variable is ${root}")));
}

TEST_F(RecipeText, RemovedKeyWarnsAndIsStillRead) {
  const std::vector<RemovedKey> removed = {{"train.rows", "train.batch_rows", "renamed for clarity"},
                                           {"speed", "", "it had no effect"}};
  const std::string path = folder_.write("recipe.yaml", valid_recipe() + "speed: 3\ntrain:\n  rows: 7\n");
  const RecipeParse parse = parse_recipe(path, {}, removed).parse;
  EXPECT_THAT(lines(parse.problems), IsEmpty());
  EXPECT_THAT(lines(parse.warnings),
              ElementsAre(at("recipe.yaml:14", "Fix: use train.batch_rows"), at("recipe.yaml:12", "Fix: delete it")));
  EXPECT_EQ(parse.recipe.train.batch_rows, 7U);
  EXPECT_EQ(parse_recipe(path, {"train.batch_rows=9"}, removed).parse.recipe.train.batch_rows, 9U)
      << "the new name wins";
}

}  // namespace
}  // namespace noggin::train
