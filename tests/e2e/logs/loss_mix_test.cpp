// `init --from` chooses on dev how much gold counts beside the teacher's answer to the same row.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <string>
#include <vector>

#include "tests/support/cli_noggin.h"

namespace noggin {
namespace {

using test::noggin;
using test::ProcessResult;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::array<const char*, 4> kDesks = {"refund", "parcel", "invoice", "repair"};
constexpr std::array<const char*, 4> kWords = {"money", "box", "bill", "screw"};

class LossMix : public testing::Test {
 protected:
  using Answer = int (*)(int row);  // 0 to 3

  // Rows sorted by desk, so that the first ones know one desk only.
  void write(const std::string& name, int first, int count, Answer gold, Answer teacher) const {
    std::string text;
    for (int desk = 0; desk < 4; ++desk) {
      for (int row = first + desk; row < first + count; row += 4) {
        const int said = teacher(row);
        text += fmt::format(R"({{"text": "my {} number {} of shop {}", "label": "{}", "probabilities": )", kWords[desk],
                            row, row % 31, kDesks[gold(row)]);
        text += fmt::format("{{\"{}\": 0.999, \"{}\": 0.001}}}}\n", kDesks[said], kDesks[(said + 1) % 4]);
      }
    }
    folder_.write(name, text);
  }
  std::string recipe_for(Answer gold, Answer teacher, int rows = 800) const {
    write("train.jsonl", 0, rows, gold, teacher);
    write("dev.jsonl", 10'000, rows / 2, gold, teacher);
    write("test.jsonl", 20'000, rows / 4, gold, teacher);
    const ProcessResult made = noggin({"init", "--from", folder_.file("train.jsonl"), folder_.file("dev.jsonl"),
                                       folder_.file("test.jsonl"), folder_.file("first"), "--force"});
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    return test::read_text(folder_.file("first/recipe.yaml"));
  }

  test::TemporaryFolder folder_;
};

int right(int row) { return row % 4; }
int often_wrong(int row) { return row % 4 == 1 ? 2 : row % 4; }  // takes parcels for invoices

TEST_F(LossMix, IsHalfWhereBothAreRight) {
  EXPECT_THAT(recipe_for(right, right),
              AllOf(HasSubstr("half teacher, half gold"), HasSubstr("no other share is proven better"),
                    HasSubstr("teacher_weight: 0.5"), HasSubstr("gold_weight: 0.5")));
}

TEST_F(LossMix, IsGoldWhereTheTeacherIsOftenWrong) {
  EXPECT_THAT(recipe_for(right, often_wrong),
              AllOf(HasSubstr("because dev says so"), Not(HasSubstr("gold_weight: 0.5"))));
}

TEST_F(LossMix, IsNotAskedOfFewRows) {
  EXPECT_THAT(recipe_for(right, often_wrong, 80),
              AllOf(HasSubstr("gold corrects the teacher's errors"), HasSubstr("gold_weight: 0.5")));
}

}  // namespace
}  // namespace noggin
