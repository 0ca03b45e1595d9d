#include "train/recipe/adopt_pretrained.h"

#include <gmock/gmock.h>

#include "tests/support/cli_recipes.h"
#include "tests/support/data_pretrained_folder.h"
#include "train/recipe/recipe_parser.h"

namespace noggin::train {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class AdoptPretrained : public testing::Test {
 protected:
  Recipe recipe(const std::vector<std::string>& overrides = {}) {
    std::vector<std::string> all = {"init.folder=" + path_, "tokenizer.max_tokens=10"};
    all.insert(all.end(), overrides.begin(), overrides.end());
    const RecipeParse parse = read_recipe(folder_.write("recipe.yaml", test::valid_recipe()), all);
    EXPECT_THAT(test::lines(parse.problems), testing::IsEmpty());
    return parse.recipe;
  }
  std::string message(const std::vector<std::string>& overrides) {
    Recipe wanted = recipe(overrides);
    return only_problem(adopt_pretrained(wanted), ErrorCode::kInvalidArgument);
  }

  static std::string only_problem(const Adoption& adoption, ErrorCode code) {
    if (adoption) return "accepted";
    EXPECT_EQ(adoption.problems.size(), 1U);
    EXPECT_EQ(adoption.problems[0].error.code, code);
    return adoption.problems[0].error.message;
  }

  const test::TemporaryFolder folder_;
  const std::string path_ = test::write_bert_description(folder_);
};

TEST_F(AdoptPretrained, WithoutAFolderNothingChanges) {
  Recipe plain;
  ASSERT_TRUE(adopt_pretrained(plain));
  EXPECT_EQ(to_yaml(plain), to_yaml(Recipe{}));
}

TEST_F(AdoptPretrained, TheFolderDecidesTheShape) {
  folder_.write("bert/tokenizer_config.json", "{\"do_lower_case\": false}");
  Recipe adopted = recipe();
  ASSERT_TRUE(adopt_pretrained(adopted));
  EXPECT_EQ(adopted.student.layers, 2U);
  EXPECT_EQ(adopted.student.width, 8U);
  EXPECT_EQ(adopted.student.heads, 2U);
  EXPECT_EQ(adopted.student.ffn_width, 12U);
  EXPECT_EQ(adopted.student.layer_norm_epsilon, 1e-5);
  EXPECT_FALSE(adopted.tokenizer.training.lowercase);
  EXPECT_FALSE(adopted.tokenizer.training.strip_accents);
  EXPECT_THAT(adopted.init.keep_layers, ElementsAre(0, 1));
}

TEST_F(AdoptPretrained, ExplainSaysWhatTheFolderDecides) {
  const std::string recipe = folder_.write("recipe.yaml", test::valid_recipe());
  const std::vector<std::string> keys = {"init.folder=" + path_, "tokenizer.max_tokens=10", "student.heads=2"};
  const Adopt adopts = [](Recipe& given) { return static_cast<bool>(adopt_pretrained(given)); };
  const std::string text = explain(recipe, keys, adopts);
  EXPECT_THAT(text, HasSubstr("student.width = 8   (from " + path_ + ")"));
  EXPECT_THAT(text, HasSubstr("init.keep_layers = [0, 1]   (from " + path_ + ")"));
  EXPECT_THAT(text, HasSubstr("tokenizer.lowercase = true   (from " + path_ + ")")) << "also where it is the default";
  EXPECT_THAT(text, HasSubstr("student.heads = 2   (command line)"));
  EXPECT_THAT(text, HasSubstr("student.dropout = 0.1   (default)"));
  EXPECT_THAT(explain(recipe, {}, adopts), testing::Not(HasSubstr(path_)));
}

TEST_F(AdoptPretrained, TheResolvedCopyIsAdoptedAsItIs) {
  Recipe adopted = recipe({"init.keep_layers=[1]"});
  ASSERT_TRUE(adopt_pretrained(adopted));
  EXPECT_EQ(adopted.student.layers, 1U);
  const std::string yaml = to_yaml(adopted);
  RecipeParse again = read_recipe(folder_.write("resolved.yaml", yaml), {});
  ASSERT_THAT(test::lines(again.problems), testing::IsEmpty());
  ASSERT_TRUE(adopt_pretrained(again.recipe));
  EXPECT_EQ(to_yaml(again.recipe), yaml);
}

TEST_F(AdoptPretrained, KeysThatSaySomethingElseAreRefusedByName) {
  EXPECT_THAT(message({"student.width=16"}),
              AllOf(HasSubstr("student.width is 16, but " + path_ + " says 8"), HasSubstr("Fix: remove the key")));
  EXPECT_THAT(message({"student.layers=3"}), HasSubstr("student.layers is 3, but"));
  EXPECT_THAT(message({"student.heads=8"}), HasSubstr("student.heads is 8, but"));
  EXPECT_THAT(message({"student.ffn_width=13"}), HasSubstr("student.ffn_width is 13, but"));
  EXPECT_THAT(message({"student.layer_norm_epsilon=1e-6"}), HasSubstr("student.layer_norm_epsilon is 1e-06, but"));
  EXPECT_THAT(message({"tokenizer.lowercase=false"}), HasSubstr("tokenizer.lowercase is false, but"));
  EXPECT_THAT(message({"tokenizer.strip_accents=false"}), HasSubstr("tokenizer.strip_accents is false, but"));
  EXPECT_THAT(message({"tokenizer.max_word_characters=50"}), HasSubstr("tokenizer.max_word_characters is 50, but"));
  EXPECT_EQ(message({"student={width: 8, layer_norm_epsilon: 1e-5}"}), "accepted") << "what the folder says too";
}

TEST_F(AdoptPretrained, WordsMustBeNarrowerThanTheFolders) {
  EXPECT_EQ(message({"student.embedding_width=7"}), "accepted");
  EXPECT_THAT(message({"student.embedding_width=8"}),
              AllOf(HasSubstr("student.embedding_width is 8, but " + path_ + " is only 8 wide"),
                    HasSubstr("Fix: take a narrower one")));
}

TEST_F(AdoptPretrained, AnOnlineTeacherThatIsNotThereIsNamedByItsKey) {
  Recipe wanted = recipe();
  wanted.online_teacher.folder = folder_.file("nowhere");
  EXPECT_THAT(only_problem(adopt_pretrained(wanted), ErrorCode::kNotFound),
              AllOf(HasSubstr("live_teacher.folder: "), HasSubstr("nowhere is not a folder. Fix: name one")));
  wanted.online_teacher.folder = path_;
  EXPECT_TRUE(adopt_pretrained(wanted));
}

TEST_F(AdoptPretrained, LayersAndPositionsThatAreNotThere) {
  EXPECT_THAT(message({"init.keep_layers=[0, 2]"}),
              HasSubstr("init.keep_layers names layer 2; " + path_ + " has layers 0 to 1"));
  EXPECT_THAT(message({"init.keep_layers=[0, 0]"}), HasSubstr("names layer 0 twice"));
  EXPECT_THAT(message({"tokenizer.max_tokens=11"}), HasSubstr("tokenizer.max_tokens is 11"));
}

TEST_F(AdoptPretrained, AllProblemsAreToldAtOnceEachWithItsKey) {
  Recipe wanted = recipe({"student.width=16", "tokenizer.lowercase=false", "init.keep_layers=[5]",
                          "student.embedding_width=9", "tokenizer.max_tokens=11"});
  wanted.online_teacher.folder = folder_.file("nowhere");
  std::vector<std::string> keys;
  for (const AdoptionProblem& problem : adopt_pretrained(wanted).problems) {
    keys.push_back(problem.key);
    EXPECT_THAT(problem.error.message, HasSubstr(problem.key));
  }
  EXPECT_THAT(keys, testing::UnorderedElementsAre("live_teacher.folder", "init.keep_layers", "tokenizer.max_tokens",
                                                  "student.width", "student.embedding_width", "tokenizer.lowercase"));
}

TEST_F(AdoptPretrained, TheFoldersErrorsAreItsOwn) {
  folder_.write("bert/config.json", "{}");
  Recipe wanted = recipe();
  EXPECT_THAT(only_problem(adopt_pretrained(wanted), ErrorCode::kUnsupported), HasSubstr("config.json"));
}

TEST_F(AdoptPretrained, NotesOfBothFoldersAreTold) {
  Recipe both = recipe({"live_teacher.folder=" + path_, "phases.0.hidden_weight=1"});
  const Adoption adoption = adopt_pretrained(both);
  ASSERT_TRUE(adoption);
  for (const char* key : {"live_teacher.folder: ", "init.folder: "}) {
    EXPECT_THAT(adoption.notes,
                testing::Contains(AllOf(HasSubstr(key), HasSubstr("has 30 pieces, the word table 32 rows"))));
    EXPECT_THAT(adoption.notes, testing::Contains(AllOf(HasSubstr(key), HasSubstr("no text reaches 1 of 30 pieces"))));
  }
}

TEST_F(AdoptPretrained, ALiveTeacherNeedsTheStudentsPieces) {
  folder_.write("teacher/config.json", test::bert_config().dump());
  folder_.write("teacher/model.safetensors", "placeholder");
  std::string pieces = test::bert_vocab_txt();
  pieces.replace(pieces.find("parcel"), 6, "letter");
  folder_.write("teacher/vocab.txt", pieces);
  const std::vector<std::string> with_teacher = {"live_teacher.folder=" + folder_.file("teacher"),
                                                 "phases.0.hidden_weight=1"};
  EXPECT_THAT(message(with_teacher), AllOf(HasSubstr("lacks 1 of the 30 pieces"), HasSubstr("\"parcel\"")));
  folder_.write("teacher/vocab.txt", test::bert_vocab_txt());
  EXPECT_EQ(message(with_teacher), "accepted");
}

TEST_F(AdoptPretrained, AnotherPoolingIsToldOfTasksThatPool) {
  const auto pooling_notes = [&](const char* mode, Recipe wanted) {
    folder_.write("bert/1_Pooling/config.json", std::string("{\"") + mode + "\": true}");
    const Adoption adoption = adopt_pretrained(wanted);
    EXPECT_TRUE(adoption);
    std::string text;
    for (const std::string& note : adoption.notes)
      text += note.find("1_Pooling") != std::string::npos ? note : std::string();
    return text;
  };
  EXPECT_THAT(pooling_notes("pooling_mode_cls_token", recipe()),
              AllOf(HasSubstr("first-token pooling"), HasSubstr("Fix: set student.pooling: first_token")));
  EXPECT_EQ(pooling_notes("pooling_mode_cls_token", recipe({"student.pooling=first_token"})), "");
  EXPECT_EQ(pooling_notes("pooling_mode_mean_tokens", recipe()), "");
  EXPECT_THAT(pooling_notes("pooling_mode_mean_tokens", recipe({"student.pooling=first_token"})),
              HasSubstr("Fix: set student.pooling: mean"));
  EXPECT_THAT(pooling_notes("pooling_mode_max_tokens", recipe()), HasSubstr("pooling_mode_max_tokens"));
  Recipe tagger = recipe();
  tagger.task = spec::TaskKind::kTag;
  EXPECT_EQ(pooling_notes("pooling_mode_cls_token", tagger), "") << "a tagger reads every token";
}

}  // namespace
}  // namespace noggin::train
