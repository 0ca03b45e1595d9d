#include "data/rows/labels.h"

#include <gmock/gmock.h>

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

TEST(LabelSet, SaysWhatIsWrongWithANamesFile) {
  const test::TemporaryFolder folder;
  EXPECT_FALSE(LabelSet::read_names(folder.file("absent")));
  for (const char* text : {"", " \n", "[\"a\", 1]", "[\"a\"", "{\"names\": []}"})
    EXPECT_FALSE(LabelSet::read_names(folder.write("labels", text))) << text;
}

}  // namespace
}  // namespace noggin::data
