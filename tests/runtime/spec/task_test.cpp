#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "spec/tag_scheme.h"

namespace noggin::spec {
namespace {

using Labels = std::vector<std::string_view>;

TEST(Task, NamesAndKindsAreInverse) {
  for (const TaskKind kind :
       {TaskKind::kSingleLabel, TaskKind::kMultiLabel, TaskKind::kTag, TaskKind::kScore, TaskKind::kEdit}) {
    EXPECT_EQ(task_kind_of(task_name(kind)), kind);
    EXPECT_EQ(traits_of(kind).kind, kind);
    EXPECT_TRUE(is_known(kind));
  }
  EXPECT_EQ(task_kind_of("tags"), TaskKind{});
  EXPECT_EQ(task_kind_of("unknown"), TaskKind{});
}

TEST(Task, AKindFromAFileMayBeNone) {
  for (const std::uint32_t kind : {0U, 6U, 0xFFFFFFFFU}) {
    EXPECT_FALSE(is_known(TaskKind{kind})) << kind;
    EXPECT_STREQ(task_name(TaskKind{kind}), "unknown");
    EXPECT_FALSE(traits_of(TaskKind{kind}).answers(Call::kClassify));
  }
}

// The calls that engine.h promises for each kind.
TEST(Task, CallsOfEachKind) {
  const auto calls = [](TaskKind kind) {
    std::string names;
    for (const Call call : {Call::kClassify, Call::kProbabilities, Call::kTag, Call::kMask, Call::kEdit}) {
      if (traits_of(kind).answers(call)) names.append(call_name(call)).append(" ");
    }
    return names;
  };
  EXPECT_EQ(calls(TaskKind::kSingleLabel), "classify probabilities ");
  EXPECT_EQ(calls(TaskKind::kMultiLabel), "probabilities ");
  EXPECT_EQ(calls(TaskKind::kTag), "tag mask ");
  EXPECT_EQ(calls(TaskKind::kScore), "classify probabilities ");
  EXPECT_EQ(calls(TaskKind::kEdit), "tag edit ");
}

TEST(Task, ReadsIob2InAnyOrder) {
  const Labels labels{"I-X", "O", "B-Y", "B-X", "I-Y"};
  const Result<TagScheme> scheme = make_tag_scheme(TaskKind::kTag, labels);
  ASSERT_TRUE(scheme) << scheme.error().message;
  EXPECT_EQ(scheme->outside, 1U);
  EXPECT_EQ(scheme->types, (Labels{"X", "Y"}));
  EXPECT_EQ(scheme->begin_class, (std::vector<std::uint32_t>{3, 2}));
  EXPECT_EQ(scheme->inside_class, (std::vector<std::uint32_t>{0, 4}));
  EXPECT_TRUE(scheme->may_follow(3, 0));   // B-X I-X
  EXPECT_TRUE(scheme->may_follow(0, 0));   // I-X I-X
  EXPECT_TRUE(scheme->may_follow(0, 3));   // I-X B-X
  EXPECT_FALSE(scheme->may_follow(1, 0));  // O I-X
  EXPECT_FALSE(scheme->may_follow(2, 0));  // B-Y I-X
}

TEST(Task, EditHasOneTypeThatMayStartAnywhere) {
  const Labels labels{"keep", "delete"};
  const Result<TagScheme> scheme = make_tag_scheme(TaskKind::kEdit, labels);
  ASSERT_TRUE(scheme) << scheme.error().message;
  EXPECT_TRUE(scheme->may_follow(0, 1));
  EXPECT_TRUE(scheme->begins(1));
}

TEST(Task, RefusesWhatIsNoScheme) {
  const auto refusal = [](TaskKind kind, const Labels& labels) {
    const Result<TagScheme> scheme = make_tag_scheme(kind, labels);
    return scheme ? std::string("accepted") : scheme.error().message;
  };
  EXPECT_NE(refusal(TaskKind::kTag, {"B-X", "I-X"}).find("no label \"O\""), std::string::npos);
  EXPECT_NE(refusal(TaskKind::kTag, {"O", "B-X"}).find("no label \"I-X\""), std::string::npos);
  EXPECT_NE(refusal(TaskKind::kTag, {"O", "I-X"}).find("no label \"B-X\""), std::string::npos);
  EXPECT_NE(refusal(TaskKind::kTag, {"O", "B-X", "I-X", "S-X"}).find("\"S-X\""), std::string::npos);
  EXPECT_NE(refusal(TaskKind::kTag, {"O", "B-X", "I-X", "B-X"}).find("twice"), std::string::npos);
  EXPECT_NE(refusal(TaskKind::kTag, {"O"}).find("only one"), std::string::npos);
  EXPECT_NE(refusal(TaskKind::kTag, Labels(kMaxTagClasses + 1, "O")).find("1025 labels"), std::string::npos);
  EXPECT_NE(refusal(TaskKind::kEdit, {"delete", "keep"}).find("in this order"), std::string::npos);
}

TEST(Task, ATaskThatAnswersPerTextHasNoTypes) {
  const Labels labels{"O", "B-X", "I-X"};
  EXPECT_TRUE(make_tag_scheme(TaskKind::kSingleLabel, labels)->types.empty());
  EXPECT_FALSE(make_tag_scheme(TaskKind::kTag, labels)->types.empty());
}

}  // namespace
}  // namespace noggin::spec
