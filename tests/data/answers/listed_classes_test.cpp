#include "data/answers/listed_classes.h"

#include <gmock/gmock.h>

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ListedClasses : public testing::Test {
 protected:
  // The classes that an answer lists; a refusal is -1 and its reason.
  std::vector<std::int32_t> read(const std::string& text, std::string_view finish = "stop") {
    LoggedAnswer answer;
    answer.has_text = true;
    answer.text = text;
    answer.finish_reason = finish;
    Checked<std::vector<std::int32_t>> read = read_listed_classes(answer, labels_);
    if (const auto* bad = std::get_if<Rejection>(&read)) {
      refused_ = std::string(reason_code(bad->reason));
      return {-1};
    }
    refused_.clear();
    return std::get<std::vector<std::int32_t>>(read);
  }
  const LabelSet labels_ = *LabelSet::create({"billing", "refund", "sales, new", "other"}, {{"refund", {"money back"}}},
                                             {}, spec::TaskKind::kMultiLabel);
  std::string refused_;
};

TEST_F(ListedClasses, InWords) {
  EXPECT_THAT(read("billing, refund"), ElementsAre(0, 1));
  EXPECT_THAT(read("Refund and billing."), ElementsAre(0, 1));
  EXPECT_THAT(read("- money back\n- billing\n"), ElementsAre(0, 1));
  EXPECT_THAT(read("**other**"), ElementsAre(3));
  EXPECT_THAT(read("refund, refund"), ElementsAre(1));
  EXPECT_THAT(read("sales, new"), ElementsAre(2)) << "a class's own comma";
  EXPECT_THAT(read("<think>billing?</think>refund; other"), ElementsAre(1, 3));
}

TEST_F(ListedClasses, InJson) {
  EXPECT_THAT(read(R"(["billing", "refund"])"), ElementsAre(0, 1));
  EXPECT_THAT(read(R"({"labels": ["refund"], "reason": "it is late"})"), ElementsAre(1));
  EXPECT_THAT(read(R"({"labels": "billing, other"})"), ElementsAre(0, 3));
  EXPECT_THAT(read("```json\n[\"other\"]\n```"), ElementsAre(3));
  EXPECT_THAT(read(R"(["billing", "shipping"])"), ElementsAre(-1));
  EXPECT_EQ(refused_, "no_class_in_answer");
}

TEST_F(ListedClasses, NoneIsAnAnswer) {
  EXPECT_THAT(read("none"), IsEmpty());
  EXPECT_THAT(read("[]"), IsEmpty());
  EXPECT_THAT(read(R"({"labels": []})"), IsEmpty());
}

TEST_F(ListedClasses, AreRefusedByName) {
  EXPECT_THAT(read("billing, shipping"), ElementsAre(-1));
  EXPECT_EQ(refused_, "no_class_in_answer");
  EXPECT_THAT(read("I cannot help with that"), ElementsAre(-1));
  EXPECT_EQ(refused_, "teacher_refused");
  EXPECT_THAT(read("billing, re", "length"), ElementsAre(-1));
  EXPECT_EQ(refused_, "answer_cut");
  EXPECT_THAT(read("billing", "content_filter"), ElementsAre(-1));
  EXPECT_EQ(refused_, "answer_filtered");
}

}  // namespace
}  // namespace noggin::data
