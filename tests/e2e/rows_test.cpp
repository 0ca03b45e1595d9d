// What the command line says about rows before it trains on them.
#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "tests/support/cli_noggin.h"

namespace noggin {
namespace {

using test::noggin;
using test::ProcessResult;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Rows : public testing::Test {
 protected:
  // Rows of two classes, `first` to `last`, with gold or a teacher's answer.
  static std::string rows(int first, int last, bool gold, bool teacher) {
    std::string text;
    for (int i = first; i < last; ++i) {
      const std::string label = i % 2 == 0 ? "refund" : "parcel";
      text.append(R"({"text": "a )").append(label).append(" number ").append(std::to_string(i)).append("\"");
      if (gold) text.append(R"(, "label": ")").append(label).append("\"");
      if (teacher) text.append(R"(, "probs": {")").append(label).append(R"(": 0.9})");
      text += "}\n";
    }
    return text;
  }
  std::string recipe(const std::string& weights) {
    return folder_.write(
        "recipe.yaml",
        "name: rows\ndata:\n  labels: [refund, parcel]\n  train: [{path: train.jsonl}]\n"
        "  dev: [{path: dev.jsonl}]\n  test: [{path: test.jsonl}]\n"
        "tokenizer: {size: 100, min_frequency: 1, max_tokens: 12}\n"
        "student: {layers: 1, width: 8, heads: 1, ffn_width: 8}\ntrain: {threads: 1, precision: fp32}\n"
        "phases:\n  - {kind: distil, epochs: 1" +
            weights + "}\n  - {kind: qat, epochs: 0}\n");
  }
  void write(const std::string& train, const std::string& dev, const std::string& test) {
    folder_.write("train.jsonl", train);
    folder_.write("dev.jsonl", dev);
    folder_.write("test.jsonl", test);
  }

  test::TemporaryFolder folder_;
  const std::string out_ = folder_.file("run");
};

TEST_F(Rows, WithGoldAloneAreNotTrainedOnByATeachersWeight) {
  write(rows(0, 40, true, false), rows(40, 60, true, false), rows(60, 80, true, false));
  const std::string path = recipe("");
  for (const char* verb : {"check", "train"}) {
    const ProcessResult result = noggin({verb, path, "--out", out_});
    EXPECT_EQ(result.exit_code, 3) << verb;
    EXPECT_THAT(result.errors,
                AllOf(HasSubstr("phases.0 (distil): nothing to learn from"), HasSubstr("0 of 40 training texts"),
                      HasSubstr("set gold_weight above 0"), Not(HasSubstr("phases.1"))))
        << verb;
  }
  EXPECT_TRUE(std::filesystem::is_empty(out_ + "/checkpoints"));
  const ProcessResult mended = noggin({"train", path, "--out", out_, "phases.0.gold_weight=1", "--force"});
  EXPECT_EQ(mended.exit_code, 0) << mended.errors;
  EXPECT_THAT(mended.errors, HasSubstr("phases.0 (distil): teacher_weight is 1, but 0 of 40"));
}

TEST_F(Rows, ThatTwoSplitsShareAreWarnedOfAgainWhenIngestIsSkipped) {
  write(rows(0, 40, false, true), rows(40, 60, true, false), rows(40, 60, true, false));
  const std::string path = recipe("");
  for (const char* skipped : {"", "ingest: unchanged, skipped"}) {
    const ProcessResult result = noggin({"ingest", path, "--out", out_});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_THAT(result.errors, AllOf(HasSubstr("20 of 20 rows of test (100.0 %) are also in dev"), HasSubstr(skipped)));
  }
}

}  // namespace
}  // namespace noggin
