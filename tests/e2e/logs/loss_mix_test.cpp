// `init --from` chooses on dev how much gold counts beside the teacher's answer to the same row.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <string>
#include <tuple>
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

TEST_F(LossMix, IsAskedOfGoldInAnotherFile) {
  const auto write_apart = [this](const std::string& split, int first, int count) {
    std::string teacher, gold;
    for (int row = first; row < first + count; ++row) {
      const std::string text = fmt::format("my {} number {} of shop {}", kWords[row % 4], row, row % 31);
      const char* said = kDesks[often_wrong(row)];
      const char* next = kDesks[(often_wrong(row) + 1) % 4];
      teacher +=
          fmt::format("{{\"text\": \"{}\", \"probabilities\": {{\"{}\": 0.999, \"{}\": 0.001}}}}\n", text, said, next);
      gold += fmt::format("{{\"text\": \"{}\", \"label\": \"{}\"}}\n", text, kDesks[right(row)]);
    }
    folder_.write(split + ".teacher.jsonl", teacher);
    folder_.write(split + ".gold.jsonl", gold);
  };
  std::vector<std::string> command = {"init", "--from"};
  for (const auto& [split, first, count] : {std::tuple("train", 0, 800), {"dev", 10'000, 400}, {"test", 20'000, 200}}) {
    write_apart(split, first, count);
    for (const char* half : {".teacher.jsonl", ".gold.jsonl"})
      command.push_back(folder_.file(split + std::string(half)));
  }
  command.push_back(folder_.file("first"));
  const ProcessResult made = noggin(command);
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.output, HasSubstr("because dev says so (linear models of 800 rows"));
  EXPECT_THAT(made.output, HasSubstr("on 400 rows of dev"));
}

TEST_F(LossMix, IsNotAskedOfFewRows) {
  EXPECT_THAT(recipe_for(right, often_wrong, 80),
              AllOf(HasSubstr("gold corrects the teacher's errors"), HasSubstr("gold_weight: 0.5")));
}

}  // namespace
}  // namespace noggin
