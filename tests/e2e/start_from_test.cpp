// A second training that goes on from what the first one has made: its run, a checkpoint, the folder it was written to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/cli_demo_run.h"

namespace noggin {
namespace {

using nlohmann::json;
using test::noggin;
using test::ProcessResult;
using testing::ElementsAre;
using testing::HasSubstr;

const char* const kOnlyQat = "phases=[{kind: qat, epochs: 0.2, calibration_batches: 2}]";
const char* const kOnlyCalibration = "phases=[{kind: qat, epochs: 0, calibration_batches: 2}]";
const char* const kPruneAgain =
    "phases=[{kind: prune, epochs: 0.4, removal_epochs: 0.2, ffn_share: 0.25}, "
    "{kind: qat, epochs: 0.2, calibration_batches: 2}]";

class StartFrom : public test::DemoRun<StartFrom> {
 public:
  static std::vector<std::string> options() { return {"--json"}; }

 protected:
  // `noggin VERB RECIPE <tiny overrides but for the shape> init.from=START <more>`.
  static ProcessResult go_on(const std::string& verb, const std::string& start, const std::vector<std::string>& more) {
    std::vector<std::string> words = {verb, recipe(), "init.from=" + start};
    for (const std::string& word : test::tiny_overrides())
      if (!word.starts_with("student=") && !word.starts_with("phases=")) words.push_back(word);
    words.insert(words.end(), more.begin(), more.end());
    return noggin(words);
  }
  static double accuracy(const json& table, const std::string& row) {
    for (const json& target : table["targets"])
      if (target["name"] == row) return target["accuracy"]["value"];
    ADD_FAILURE() << "no row " << row;
    return -1.0;
  }
  static std::string pruned() { return out() + "/checkpoints/1-prune.ckpt"; }
};

TEST_F(StartFrom, CheckSaysWhatItIsAndHowLargeTheFileWillBe) {
  const std::string next = folder_->file("qat");
  const ProcessResult checked = go_on("check", out(), {kOnlyQat, "--out", next, "--json", "--no-latency"});
  ASSERT_EQ(checked.exit_code, 0) << checked.errors;
  const json plan = json::parse(checked.output);
  EXPECT_THAT(plan["start"].get<std::vector<std::string>>(),
              ElementsAre(HasSubstr(pruned() + " (prune, quality 0."),
                          "1 layers of width 32, 1 heads and 32 neurons each, 600 pieces",
                          "classifier: 17 of 17 classes as they are"));
  EXPECT_TRUE(plan["model"]["file_bytes"]["exact"]);
  const ProcessResult run = go_on("run", out(), {kOnlyQat, "--out", next, "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(std::filesystem::file_size(next + "/export/model.nog"), plan["model"]["file_bytes"]["most"]);
  EXPECT_EQ(accuracy(json::parse(run.output), "float student"), accuracy(json::parse(first_.output), "pruned"));
  EXPECT_EQ(test::read_text(next + "/data/vocab.txt"), test::read_text(out() + "/data/vocab.txt"));
  EXPECT_THAT(go_on("run", pruned(), {kOnlyQat, "--out", next}).errors, HasSubstr("train: unchanged, skipped"))
      << "the same student by another name";
}

TEST_F(StartFrom, PruningMayComeFirst) {
  const std::string next = folder_->file("pruned-again");
  const ProcessResult checked = go_on("check", out(), {kPruneAgain, "--out", next, "--json", "--no-latency"});
  ASSERT_EQ(checked.exit_code, 0) << checked.errors;
  const json plan = json::parse(checked.output)["model"];
  EXPECT_EQ(plan["neurons"], 24);
  const ProcessResult run = go_on("run", out(), {kPruneAgain, "--out", next});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const std::uintmax_t bytes = std::filesystem::file_size(next + "/export/model.nog");
  EXPECT_GE(bytes, plan["file_bytes"]["least"]);
  EXPECT_LE(bytes, plan["file_bytes"]["most"]);
}

TEST_F(StartFrom, AWrittenFolderBringsItsClassifier) {
  const std::string encoder = folder_->file("encoder"), next = folder_->file("of-folder");
  ASSERT_EQ(noggin({"export", out(), "--hugging-face", encoder}).exit_code, 0);
  const ProcessResult run = go_on("run", encoder, {kOnlyCalibration, "--out", next, "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_THAT(run.errors, HasSubstr("classifier: 17 of 17 classes as they are"));
  EXPECT_EQ(accuracy(json::parse(run.output), "float student"), accuracy(json::parse(first_.output), "float student"));
}

TEST_F(StartFrom, ClassesAreMatchedByName) {
  json labels = json::parse(test::read_text(demo() + "/labels.json"));
  if (labels.is_object()) labels = labels["labels"];
  std::reverse(labels.begin(), labels.end());
  labels.push_back("brand_new");
  const std::string file = folder_->write("labels.json", labels.dump()), next = folder_->file("more-classes");
  const ProcessResult run = go_on("run", out(), {"data.labels_file=" + file, kOnlyQat, "--out", next, "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_THAT(run.errors, HasSubstr("classifier: 17 of 18 classes as they are, 1 new at random (brand_new)"));
  EXPECT_NEAR(accuracy(json::parse(run.output), "float student"), accuracy(json::parse(first_.output), "pruned"), 0.1);
}

TEST_F(StartFrom, ANewClassHasToBeTrained) {
  json labels = json::parse(test::read_text(demo() + "/labels.json"));
  if (labels.is_object()) labels = labels["labels"];
  labels.push_back("brand_new");
  const std::string file = folder_->write("labels.json", labels.dump());
  const ProcessResult result = go_on(
      "check", out(), {"data.labels_file=" + file, kOnlyCalibration, "--out", folder_->file("next"), "--no-latency"});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.errors, HasSubstr("no phase trains the classifier"));
}

TEST_F(StartFrom, WhatCannotBeIsRefusedBeforeTraining) {
  const auto refusal = [&](int code, const std::string& start, const std::vector<std::string>& more) {
    std::vector<std::string> words = {kOnlyQat, "--out", folder_->file("refused")};
    words.insert(words.end(), more.begin(), more.end());
    for (const char* verb : {"check", "run"}) {
      const ProcessResult result = go_on(verb, start, words);
      EXPECT_EQ(result.exit_code, code) << result.errors;
      EXPECT_FALSE(std::filesystem::exists(folder_->file("refused")));
      if (std::string(verb) == "run") return result.errors;
    }
    return std::string();
  };
  EXPECT_THAT(refusal(2, out(), {"student.ffn_width=64"}),
              HasSubstr("student.ffn_width is 64, but " + out() + " says 32. Fix: remove the key; the start sets it"));
  EXPECT_THAT(refusal(2, out(), {"tokenizer.max_tokens=49"}), HasSubstr("has 48 positions. Fix: set it to at most 48"));
  EXPECT_THAT(refusal(3, out() + "/export/model.nog", {}), HasSubstr("holds the integers of a device"));
  EXPECT_THAT(refusal(3, folder_->file("nowhere"), {}), HasSubstr("nowhere does not exist. Fix: "));
  EXPECT_THAT(refusal(3, demo(), {}), HasSubstr("is neither a run directory nor a folder"));
  const ProcessResult itself = go_on("check", pruned(), {kOnlyQat, "--out", out(), "--force"});
  EXPECT_EQ(itself.exit_code, 2);
  EXPECT_THAT(itself.errors, HasSubstr("lies in the run directory itself"));
}

TEST_F(StartFrom, ARunThatIsNotFinishedIsNoStart) {
  const std::string unfinished = folder_->file("unfinished");
  ASSERT_EQ(test::tiny("ingest", recipe(), {"--out", unfinished}).exit_code, 0);
  const ProcessResult result = go_on("check", unfinished, {kOnlyQat, "--out", folder_->file("next")});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("is a run of which no training is finished. Fix: "));
}

TEST_F(StartFrom, ExplainSaysWhatTheStartDecides) {
  const ProcessResult result =
      go_on("check", out(), {kOnlyQat, "--out", folder_->file("next"), "--explain", "--no-latency"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("student.ffn_width = 32   (from " + out() + ")"));
  EXPECT_THAT(result.output, HasSubstr("student.dropout = 0.1   (default)"));
}

}  // namespace
}  // namespace noggin
