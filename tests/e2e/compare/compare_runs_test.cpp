// `noggin compare` on what a run leaves: its models, shards and parity file, held against `noggin eval`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cli_demo_run.h"

namespace noggin {
namespace {

using nlohmann::json;
using test::noggin;
using test::ProcessResult;
using testing::HasSubstr;
using testing::Not;

class CompareRuns : public test::DemoRun<CompareRuns> {
 public:
  static std::vector<std::string> options() { return {"baseline.export=true"}; }

 protected:
  static json compared(std::vector<std::string> words) {
    words.insert(words.begin(), "compare");
    words.emplace_back("--json");
    const ProcessResult result = noggin(words);
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 5) << result.errors;
    return json::parse(result.output, nullptr, false);
  }
  static std::string student() { return out() + "/export/model.nog"; }
  static std::string linear() { return out() + "/export/baseline.nog"; }
  static double accuracy(const std::string& nog) {
    const json table = json::parse(noggin({"eval", nog, "--json"}).output);
    return table["targets"].back()["accuracy"]["value"].get<double>();
  }
};

TEST_F(CompareRuns, ModelsOfTwoFamiliesMeasureAsEvalDoes) {
  const json c = compared({linear(), student(), "--data", out() + "/data/shards"});
  EXPECT_NEAR(c["measures"][0]["old"].get<double>(), accuracy(linear()), 1e-9);
  EXPECT_NEAR(c["measures"][0]["new"].get<double>(), accuracy(student()), 1e-9);
  const json paired = c["paired"];
  EXPECT_EQ(paired["rows"].get<int>(), paired["both_right"].get<int>() + paired["both_wrong"].get<int>() +
                                           paired["mended"].get<int>() + paired["broken"].get<int>());
  EXPECT_NEAR(c["measures"][0]["difference"]["value"].get<double>(),
              (paired["mended"].get<double>() - paired["broken"].get<double>()) / paired["rows"].get<double>(), 1e-9);
  EXPECT_EQ(c["old"]["family"], "linear (hashed n-grams)");
  EXPECT_EQ(c["new"]["family"], "transformer");
  EXPECT_EQ(c["churn"]["tokenized"], 0) << "only one of them has tokens";
  bool dev_alone = true;
  for (const json& file : c["rows"]["files"]) dev_alone &= file.get<std::string>().find("/dev-") != std::string::npos;
  EXPECT_TRUE(dev_alone) << c["rows"]["files"];
}

TEST_F(CompareRuns, TheParityFileGivesTheSameAsTheShards) {
  const json shards = compared({linear(), student(), "--data", out() + "/data/shards"});
  const json parity = compared({linear(), student(), "--data", out() + "/export/parity.jsonl"});
  EXPECT_EQ(parity["rows"]["rejected"], 0) << "its first line is no row";
  EXPECT_EQ(parity["measures"][0], shards["measures"][0]);
  EXPECT_EQ(parity["paired"], shards["paired"]);
}

TEST_F(CompareRuns, RunsAreComparedOnTheNewOnesRows) {
  const std::string other = copy("other");
  const json dev = compared({"--run", out(), other});
  EXPECT_EQ(dev["verdict"], "equivalent");
  EXPECT_EQ(dev["same_file"], true);
  EXPECT_EQ(dev["churn"]["other_token_ids"], 0);
  EXPECT_GT(dev["churn"]["tokenized"], 0);
  EXPECT_THAT(dev["rows"]["files"][0].get<std::string>(), HasSubstr("other/data/shards/dev-"));
  const json test = compared({"--run", out(), other, "--split", "test"});
  EXPECT_THAT(test["rows"]["files"][0].get<std::string>(), HasSubstr("/test-"));
  std::filesystem::remove(other + "/export/model.nog");
  EXPECT_EQ(noggin({"compare", "--run", out(), other}).exit_code, 3);
}

TEST_F(CompareRuns, AShardKeepsNoFields) {
  const ProcessResult result =
      noggin({"compare", linear(), student(), "--data", out() + "/data/shards", "--group", "user"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("keeps no field \"user\""));
}

}  // namespace
}  // namespace noggin
