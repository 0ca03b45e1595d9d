#include "data/rows/labels.h"

#include <gmock/gmock.h>

#include "tests/support/cli_temporary_folder.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

TEST(LabelSet, FindsVeryLongNames) {
  const std::string name(1000, 'X');
  const auto labels = LabelSet::create({name, "b"});
  ASSERT_TRUE(labels);
  EXPECT_EQ(labels->find(std::string(1000, 'x')), 0);
}

TEST(LabelSet, RefusesAWordOfTwoClassesAndNamesBoth) {
  const auto labels = LabelSet::create({"refund", "parcel"}, {{"refund", {"X"}}, {"parcel", {"x "}}});
  ASSERT_FALSE(labels);
  EXPECT_THAT(labels.error().message, HasSubstr("\"parcel\" and \"refund\""));
}

TEST(LabelSet, RefusesAWordThatIsAnotherClassesName) {
  EXPECT_FALSE(LabelSet::create({"refund", "parcel"}, {{"refund", {"Parcel"}}}));
}

TEST(LabelSet, RefusesRepeatedEmptyUnknownAndTooFew) {
  EXPECT_FALSE(LabelSet::create({"a", "b", "A"}));
  EXPECT_FALSE(LabelSet::create({"a", " "}));
  EXPECT_FALSE(LabelSet::create({"a"}));
  EXPECT_FALSE(LabelSet::create({"a", "b"}, {{"c", {"x"}}}));
  EXPECT_FALSE(LabelSet::create({"a", "b"}, {}, "c"));
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

TEST(LabelSet, SaysWhatIsWrongWithANamesFile) {
  const test::TemporaryFolder folder;
  EXPECT_FALSE(LabelSet::read_names(folder.file("absent")));
  for (const char* text : {"", " \n", "[\"a\", 1]", "[\"a\"", "{\"names\": []}"})
    EXPECT_FALSE(LabelSet::read_names(folder.write("labels", text))) << text;
}

}  // namespace
}  // namespace noggin::data
