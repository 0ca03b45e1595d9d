#include "data/rows/labels.h"

#include <gmock/gmock.h>

#include "data/rows/class_name.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::data {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(LabelSet, FindsNamesAndWordsWithoutSpacesAndCase) {
  const auto labels = LabelSet::create({"refund", "parcel"}, {{"refund", {"A", " money back "}}}, "parcel");
  ASSERT_TRUE(labels);
  EXPECT_EQ(labels->find("refund"), 0);
  EXPECT_EQ(labels->find("\n Refund "), 0);
  EXPECT_EQ(labels->find("a"), 0);
  EXPECT_EQ(labels->find("Money Back"), 0);
  EXPECT_EQ(labels->find("PARCEL"), 1);
  EXPECT_EQ(labels->find("parce"), -1);
  EXPECT_EQ(labels->find(""), -1);
  EXPECT_EQ(labels->none_class(), 1);
}

TEST(LabelSet, FoldsOnlyAscii) {
  const auto labels = LabelSet::create({"Äpfel", "birnen"});
  ASSERT_TRUE(labels);
  EXPECT_EQ(labels->find("Äpfel"), 0);
  EXPECT_EQ(labels->find("äpfel"), -1);
}

// "é" composed, and as "e" with a combining accent.
const std::string kComposed =
                      "r\xC3\xA9"
                      "clamation",
                  kDecomposed =
                      "re\xCC\x81"
                      "clamation";

TEST(LabelSet, ComposedAndDecomposedNamesAreOneClass) {
  for (const std::string& name : {kComposed, kDecomposed}) {
    const auto labels = LabelSet::create({"parcel", name}, {{kComposed, {"plainte"}}}, kDecomposed);
    ASSERT_TRUE(labels) << labels.error().message;
    EXPECT_EQ(labels->find(kComposed), 1);
    EXPECT_EQ(labels->find(kDecomposed), 1);
    EXPECT_EQ(labels->find("  R" + kDecomposed.substr(1) + " "), 1);
    EXPECT_EQ(labels->find("plainte"), 1);
    EXPECT_EQ(labels->none_class(), 1);
    EXPECT_EQ(labels->names()[1], name) << "shipped as the recipe writes it";
  }
  const auto twice = LabelSet::create({kComposed, kDecomposed});
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error().message,
              testing::AllOf(HasSubstr("appears twice"), HasSubstr("72 c3 a9"), HasSubstr("65 cc 81")));
}

TEST(LabelSet, WhatShowsNothingDoesNotMakeAClass) {
  const auto labels = LabelSet::create({"refund", "parcel"});
  ASSERT_TRUE(labels);
  for (const char* name :
       {"refund\u200b", "\ufeffrefund", "ref\u00adund", "refund\u00a0", "\u3000refund ", "refund\ufe0f"})
    EXPECT_EQ(labels->find(name), 0) << name;
  EXPECT_FALSE(LabelSet::create({"refund", "refund\u200d"}));
  EXPECT_FALSE(LabelSet::create({"refund", "\u00a0"})) << "an empty name";
}

TEST(LabelSet, CompatibilityFormsAreOtherClassesAndNamed) {
  const auto labels = LabelSet::create({"fi", "x2", "\uff4f\uff4b"});
  ASSERT_TRUE(labels);
  EXPECT_EQ(labels->find("\ufb01"), -1);
  EXPECT_EQ(labels->look_alike("\ufb01"), "fi");
  EXPECT_EQ(labels->look_alike("x\u00b2"), "x2");
  EXPECT_EQ(labels->look_alike("OK"), "\uff4f\uff4b");
  EXPECT_EQ(labels->look_alike("y"), "");
  EXPECT_TRUE(LabelSet::create({"x2", "x\u00b2"})) << "different to the eye";
}

TEST(LabelSet, AWordThatIsNotUtf8IsNoClass) {
  const auto labels = LabelSet::create({"refund", "parcel"});
  EXPECT_EQ(labels->find("refund\xff"), -1);
}

TEST(LabelSet, FindsVeryLongNames) {
  const std::string name(1000, 'X');
  const auto labels = LabelSet::create({name, "b"});
  ASSERT_TRUE(labels);
  EXPECT_EQ(labels->find(std::string(1000, 'x')), 0);
}

TEST(LabelSet, RefusesAWordOfTwoClassesAndNamesBoth) {
  const auto labels = LabelSet::create({"refund", "parcel"}, {{"refund", {"X"}}, {"parcel", {"X "}}});
  ASSERT_FALSE(labels);
  EXPECT_THAT(labels.error().message, HasSubstr("\"parcel\" and \"refund\""));
}

TEST(LabelSet, RefusesAWordThatIsAnotherClassesName) {
  EXPECT_FALSE(LabelSet::create({"refund", "parcel"}, {{"refund", {" parcel"}}}));
}

TEST(LabelSet, RefusesRepeatedEmptyUnknownAndTooFew) {
  EXPECT_FALSE(LabelSet::create({"a", "b", "a "}));
  EXPECT_FALSE(LabelSet::create({"a", " "}));
  EXPECT_FALSE(LabelSet::create({"a"}));
  EXPECT_FALSE(LabelSet::create({"a", "b"}, {{"c", {"x"}}}));
  EXPECT_FALSE(LabelSet::create({"a", "b"}, {}, "c"));
}

// A classifier of sexes answers "m" and "M" for different things; only these two are then told apart by case.
TEST(LabelSet, CaseTellsClassesApartOnlyWhereItMust) {
  const auto labels = LabelSet::create({"m", "M", "Other"}, {{"m", {"Mal\u00e9"}}, {"M", {"mal\u00e9", "Mb"}}});
  ASSERT_TRUE(labels) << labels.error().message;
  EXPECT_EQ(labels->find("m"), 0);
  EXPECT_EQ(labels->find(" M "), 1);
  EXPECT_EQ(labels->find("Mal\u00e9"), 0);
  EXPECT_EQ(labels->find("mal\u00e9"), 1);
  EXPECT_EQ(labels->find("MAL\u00e9"), kNoClass) << "neither of the two spellings";
  EXPECT_EQ(labels->find("mb"), 1);
  EXPECT_EQ(labels->find("oTHER"), 2);
  EXPECT_EQ(labels->find_loosely("\uff4d"), kNoClass) << "full-width m is both";
}

TEST(LabelSet, LooseSpellingsWhereTheyAreOneClass) {
  const auto labels =
      LabelSet::create({"refund_status", "a-b", "a_b", "\u00c4pfel", "not spam"}, {{"refund_status", {"A"}}});
  ASSERT_TRUE(labels) << labels.error().message;
  for (const char* word : {"refund status", "Refund-Status", "\uff52efund_status", "refund\u2581status", "\uff21", "A"})
    EXPECT_EQ(labels->find_loosely(word), 0) << word;
  for (const char* word : {"a__b", "x_-_Y z", "-a b-", "A", "_", "- -", "a"}) {
    char key[16];
    EXPECT_EQ(std::string(key, loose_ascii_key(word, key)), loose_key(word)) << word;
  }
  EXPECT_EQ(labels->find("refund status"), kNoClass) << "gold is copied by the letter";
  EXPECT_EQ(labels->find_loosely("a b"), kNoClass) << "a-b or a_b";
  EXPECT_EQ(labels->find_loosely("a-b"), 1);
  EXPECT_EQ(labels->find_loosely("\u00e4pfel"), 3);
  EXPECT_EQ(labels->find_loosely("not_spam"), 4);
  EXPECT_EQ(labels->find_loosely("notspam"), kNoClass);
  for (const char* word : {"_", "", "-refund_status", "refund_status-"})
    EXPECT_EQ(labels->find_loosely(word), kNoClass) << word;
}

TEST(LabelSet, PrefixesBelongToTheClassOfAllThatTheyBegin) {
  const auto labels = LabelSet::create({"refund", "refund_status", "cancel", "rebate"}, {{"cancel", {"cat"}}});
  ASSERT_TRUE(labels) << labels.error().message;
  const WordPrefixes& prefixes = labels->prefixes();
  EXPECT_EQ(prefixes.class_of("re"), kSeveralClasses);
  EXPECT_EQ(prefixes.class_of("ref"), kSeveralClasses);
  EXPECT_EQ(prefixes.class_of("refund"), 1) << "goes on only to refund_status";
  EXPECT_EQ(prefixes.class_of("reb"), 3);
  EXPECT_EQ(prefixes.class_of("ca"), 2) << "two words of one class";
  EXPECT_EQ(prefixes.class_of("cat"), kNoClass) << "a whole word is not a beginning";
  EXPECT_EQ(prefixes.class_of("Re"), kNoClass);
  EXPECT_EQ(prefixes.class_of(""), kSeveralClasses);
  EXPECT_EQ(WordPrefixes().class_of("a"), kNoClass);
  EXPECT_TRUE(prefixes.continues_into_another("refund", 0));
  EXPECT_FALSE(prefixes.continues_into_another("ca", 2));
}

// What a model file cannot hold, or a terminal cannot show, is refused before there is a model.
TEST(LabelSet, RefusesWhatAModelFileCannotHold) {
  const auto message = [](const std::string& name) {
    const auto labels = LabelSet::create({"refund", name});
    return labels ? std::string("accepted") : labels.error().message;
  };
  EXPECT_EQ(message(std::string(1024, 'x')), "accepted");
  EXPECT_THAT(message(std::string(1025, 'x')), HasSubstr("has 1025 bytes; a model file holds at most 1024"));
  EXPECT_THAT(message("a\xFFz"), AllOf(HasSubstr("class 1"), HasSubstr("is not UTF-8")));
  EXPECT_THAT(message("a\xED\xA0\x80z"), HasSubstr("is not UTF-8")) << "a surrogate";
  for (const char* name : {"a\x01z", "a\tz", "a\nz", "a\x1B[31mz", "a\x7Fz", "a\u0085z", "a\u009Bz", "a\u2028z",
                           "a\u2029z", "a\u202Ez", "a\u2066z", "a\u200Fz", "a\u061Cz"}) {
    EXPECT_THAT(message(name), AllOf(HasSubstr("class 1"), HasSubstr("holds U+"), Not(HasSubstr(name))));
  }
  EXPECT_EQ(message("Grüße, 退款 \u200D👍"), "accepted");
}

TEST(LabelSet, TheNamesOfAFileAreRefusedAlike) {
  const test::TemporaryFolder folder;
  const auto names = LabelSet::read_names(folder.write("labels.json", R"(["a", "b\u0007"])"));
  ASSERT_TRUE(names);
  EXPECT_FALSE(LabelSet::create(*names));
  const auto deep = LabelSet::read_names(folder.write("labels.json", std::string(1'000'000, '[')));
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().message, HasSubstr("neither a JSON array"));
  const auto marked = LabelSet::read_names(folder.write("labels.txt", "\xEF\xBB\xBFrefund\nparcel\n"));
  ASSERT_TRUE(marked);
  EXPECT_THAT(*marked, ElementsAre("refund", "parcel"));
  EXPECT_FALSE(LabelSet::read_names(folder.path()));
}

TEST(LabelSet, ReadsNamesInThreeForms) {
  const test::TemporaryFolder folder;
  for (const char* text :
       {"[\"a\", \"b c\"]", "{\"labels\": [\"a\", \"b c\"], \"more\": 1}", "a\r\n\n  b c \n", "a\nb c"}) {
    const auto names = LabelSet::read_names(folder.write("labels", text));
    ASSERT_TRUE(names) << text;
    EXPECT_THAT(*names, ElementsAre("a", "b c")) << text;
  }
}

TEST(LabelSet, AByteOrderMarkIsNoPartOfTheFirstName) {
  const test::TemporaryFolder folder;
  const std::string mark = "\xEF\xBB\xBF";
  for (const char* text : {"a\r\nb c\r\n", "[\"a\", \"b c\"]", "{\"tags\": [\"a\", \"b c\"]}",
                           " a\n\xEF\xBB\xBF"
                           "b c"}) {
    const auto names = LabelSet::read_names(folder.write("labels", mark + text));
    ASSERT_TRUE(names) << names.error().message;
    EXPECT_THAT(*names, ElementsAre("a", "b c")) << text;
  }
  EXPECT_FALSE(LabelSet::read_names(folder.write("labels", mark)));
  const auto utf16 = LabelSet::read_names(folder.write("labels", std::string("\xFF\xFE"
                                                                             "a\0\n\0b\0",
                                                                             8)));
  ASSERT_FALSE(utf16);
  EXPECT_THAT(utf16.error().message, HasSubstr("save it as UTF-8"));
}

TEST(LabelSet, SaysWhatIsWrongWithANamesFile) {
  const test::TemporaryFolder folder;
  EXPECT_FALSE(LabelSet::read_names(folder.file("absent")));
  for (const char* text : {"", " \n", "[\"a\", 1]", "[\"a\"", "{\"names\": []}"})
    EXPECT_FALSE(LabelSet::read_names(folder.write("labels", text))) << text;
}

}  // namespace
}  // namespace noggin::data
