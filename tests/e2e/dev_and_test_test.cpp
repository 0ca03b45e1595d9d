// Dev decides and test is read once: what is measured on which rows, what a changed phase costs, and what a run says is
// worth shipping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/support/cli_demo_run.h"

namespace noggin {
namespace {

using nlohmann::json;
using test::noggin;
using test::noggin_run;
using test::ProcessResult;
using test::read_text;
using testing::HasSubstr;
using testing::Not;

class DevAndTest : public test::DemoRun<DevAndTest> {
 public:
  static std::vector<std::string> options() { return {"static_student.train=true"}; }

 protected:
  static json results(const std::string& run) { return json::parse(read_text(run + "/results.json")); }
};

TEST_F(DevAndTest, ARunMeasuresOnDevAndFinalOnTest) {
  const std::string run = copy("final");
  EXPECT_EQ(results(run)["split"], "dev");
  EXPECT_EQ(results(run)["subject"]["rows"]["files"][0]["file"], "dev-00000.h5");
  EXPECT_THAT(first_.output, Not(HasSubstr("on test")));
  const ProcessResult final = test::tiny("run", recipe(), {"static_student.train=true", "--out", run, "--final"});
  ASSERT_EQ(final.exit_code, 0) << final.errors;
  EXPECT_THAT(final.errors, HasSubstr("train: unchanged, skipped"));
  EXPECT_EQ(results(run)["split"], "test");
  EXPECT_EQ(results(run)["subject"]["rows"]["files"][0]["file"], "test-00000.h5");
  const auto named = [](const std::string& output) {  // the file, within the run
    std::smatch match;
    return std::regex_search(output, match, std::regex("worth shipping +\\S*?/(\\S*export\\S*) ")) ? match[1].str()
                                                                                                   : "";
  };
  EXPECT_NE(named(first_.output), "");
  EXPECT_EQ(std::filesystem::path(named(final.output)).filename(),
            std::filesystem::path(named(first_.output)).filename())
      << "dev decides";
  const std::string info = noggin_run({run + "/export/model.nog", "--info", "--json"}).output;
  EXPECT_TRUE(json::parse(info)["provenance"].contains("test")) << info;
}

TEST_F(DevAndTest, EvalAndVerifyReadDevUnlessToldOtherwise) {
  const auto split = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"eval", out(), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return json::parse(noggin(words).output)["split"];
  };
  EXPECT_EQ(split({}), "dev");
  EXPECT_EQ(split({"--split", "test"}), "test");
  const std::string model = out() + "/export/model.nog";
  for (const auto& [option, file] : {std::pair("dev", "dev-00000.h5"), {"test", "test-00000.h5"}}) {
    const ProcessResult verified = noggin({"verify", model, "--targets", "reference", "--split", option, "--json"});
    EXPECT_EQ(json::parse(verified.output)["subject"]["rows"]["files"][0]["file"], file);
  }
  const ProcessResult unknown = noggin({"eval", out(), "--split", "train"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("--split is \"train\". Fix: dev or test"));
}

TEST_F(DevAndTest, TrainShowsBaselineAndTeacherBesideThePhases) {
  const ProcessResult trained = test::tiny("train", recipe(), {"--out", copy("train"), "--json"});
  ASSERT_EQ(trained.exit_code, 0) << trained.errors;
  const json shown = json::parse(trained.output);
  EXPECT_GT(shown["baseline"]["dev_quality"], 0.1);
  EXPECT_LE(shown["baseline"]["dev_quality"], 1.0);
  EXPECT_EQ(shown["phases"].size(), 3U);
}

TEST_F(DevAndTest, AChangedPhaseTakesTheOthersFromAnotherRun) {
  const std::string other = folder_->file("other");
  const ProcessResult run = test::tiny("run", recipe(), {"phases.2.epochs=0.1", "--reuse", out(), "--out", other});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_THAT(run.errors, HasSubstr("1-prune.ckpt, which has not changed"));
  // What has to be beaten is said before anything is trained.
  EXPECT_THAT(run.errors, testing::ContainsRegex("dev accuracy without the student: baseline [0-9.]+ %"));
  EXPECT_LT(run.errors.find("without the student: baseline"), run.errors.find("which has not changed"));
  for (const char* phase : {"0-distil", "1-prune"}) {
    const std::string name = std::string("/checkpoints/") + phase + ".ckpt";
    EXPECT_TRUE(read_text(other + name) == read_text(out() + name)) << phase;
  }
  const ProcessResult nothing =
      test::tiny("run", recipe(), {"seed=3", "--reuse", out(), "--out", folder_->file("nothing")});
  EXPECT_EQ(nothing.exit_code, 3);
  EXPECT_THAT(nothing.errors, HasSubstr("has no phase that this training begins with"));
  const ProcessResult missing = test::tiny("run", recipe(), {"--reuse", "no", "--out", folder_->file("missing")});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.errors, HasSubstr("no is not a run directory"));
}

// The static student is a candidate with a run directory of its own, whose rows are those of the run.
TEST_F(DevAndTest, AStaticStudentIsTrainedBesideTheOther) {
  const std::string small = out() + "/static";
  EXPECT_EQ(noggin_run({small + "/export/model.nog", "--self-test"}).exit_code, 0);
  const ProcessResult verified = noggin({"verify", small + "/export/model.nog", "--json"});
  EXPECT_EQ(verified.exit_code, 0) << verified.errors;
  bool listed = false;
  const json table = results(out());
  for (const json& target : table["targets"]) {
    if (target["name"] != "static student") continue;
    listed = true;
    EXPECT_GT(target["accuracy"]["value"], 0.3);
    EXPECT_GT(target["size_bytes"], 1000);
  }
  EXPECT_TRUE(listed);
  const std::string before = read_text(small + "/checkpoints/0-distil.ckpt");
  const ProcessResult again = test::tiny("run", recipe(), {"static_student.train=true", "--out", out()});
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_TRUE(read_text(small + "/checkpoints/0-distil.ckpt") == before);
  const ProcessResult without = test::tiny("run", recipe(), {"--reuse", out(), "--out", folder_->file("alone")});
  ASSERT_EQ(without.exit_code, 0) << without.errors;
  EXPECT_FALSE(std::filesystem::exists(folder_->file("alone") + "/static"));
}

TEST_F(DevAndTest, AStaticStudentBeyondTheBudgetIsNoCandidateAndNoFailure) {
  const auto size = [](const std::string& file) { return static_cast<double>(std::filesystem::file_size(file)); };
  const double small = size(out() + "/export/model.nog"), large = size(out() + "/static/export/model.nog");
  ASSERT_LT(small, large) << "of this recipe the student is the smaller one";
  const std::string budget = "budget.size_mb=" + std::to_string((small + large) / 2e6), tight = folder_->file("tight");
  const ProcessResult run =
      test::tiny("run", recipe(), {"static_student.train=true", budget, "--reuse", out(), "--out", tight});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_THAT(run.output, testing::ContainsRegex("static student +failed: size budget: .*model.rejected.nog"));
  EXPECT_TRUE(std::filesystem::exists(tight + "/static/export/model.rejected.nog"));
  EXPECT_THAT(run.output, Not(testing::ContainsRegex("worth shipping +[^(]*/static/")));
}

// A student that has hardly been trained: the linear model becomes a file and is what the run recommends.
TEST_F(DevAndTest, TheLinearModelShipsWhereItIsBetter) {
  const std::string weak = folder_->file("weak");
  const ProcessResult run = test::tiny(
      "run", recipe(),
      {"phases=[{kind: distil, epochs: 0.02}, {kind: qat, epochs: 0}]", "baseline={epochs: 6}", "--out", weak});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const std::string linear = weak + "/export/baseline.nog";
  EXPECT_THAT(run.output, HasSubstr("the student does not beat the linear baseline"));
  EXPECT_THAT(run.output, testing::ContainsRegex("worth shipping +" + linear + " \\(.* on dev\\): the linear model"));
  EXPECT_THAT(run.output, testing::ContainsRegex("next +noggin run .* --final"));
  EXPECT_EQ(noggin_run({linear, "--self-test"}).exit_code, 0);
  EXPECT_EQ(noggin({"verify", linear}).exit_code, 0);
  const ProcessResult failed = test::tiny("run", recipe(),
                                          {"phases=[{kind: distil, epochs: 0.02}, {kind: qat, epochs: 0}]",
                                           "baseline={epochs: 6}", "gates.min_quality=0.5", "--out", weak});
  EXPECT_EQ(failed.exit_code, 5);
  EXPECT_THAT(failed.output, HasSubstr("the student failed its gates"));
  EXPECT_THAT(failed.output, testing::ContainsRegex("worth shipping +" + linear + " "));
  bool listed = false;
  const json table = results(weak);
  for (const json& target : table["targets"]) listed = listed || target["name"] == "baseline.nog";
  EXPECT_TRUE(listed);
}

}  // namespace
}  // namespace noggin
