// Searches for the best student within a budget: what is tried, what is refused before training, what a kill costs.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/support/cli_noggin.h"

namespace noggin {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::noggin;
using test::ProcessResult;
using test::read_text;
using testing::HasSubstr;

class Compress : public testing::Test {
 protected:
  void write_rows(const std::string& name, int first, int count) const {
    constexpr const char* kTexts[] = {"give back the money for", "where is the box of", "say something else about"};
    constexpr const char* kLabels[] = {"refund", "parcel", "other"};
    std::string text;
    for (int i = first; i < first + count; ++i)
      text += fmt::format("{{\"text\": \"{} order {} of shop {} please\", \"label\": \"{}\"}}\n", kTexts[i % 3], i,
                          i % 17, kLabels[i % 3]);
    folder_.write(name, text);
  }
  void SetUp() override {
    write_rows("train.jsonl", 0, 240);
    write_rows("dev.jsonl", 240, 60);
    write_rows("test.jsonl", 300, 60);
    folder_.write("recipe.yaml",
                  "name: small\ndata:\n  labels: [refund, parcel, other]\n  none_label: other\n"
                  "  train: [{path: train.jsonl}]\n  dev: [{path: dev.jsonl}]\n  test: [{path: test.jsonl}]\n"
                  "tokenizer: {size: 400, min_frequency: 1, max_tokens: 24}\n"
                  "student: {layers: 2, width: 32, heads: 2, ffn_width: 64}\n"
                  "train: {threads: 1, precision: fp32}\nbaseline: {buckets: 4096, epochs: 1, max_features: 500}\n"
                  "gates: {max_drop_from_float: 1}\nstatic_student: {train: false}\n"
                  "phases: [{kind: distil, epochs: 2, teacher_weight: 0, gold_weight: 1},"
                  " {kind: prune, epochs: 1, removal_epochs: 0.5, ffn_share: 0.5, teacher_weight: 0, gold_weight: 1},"
                  " {kind: qat, epochs: 0.5, calibration_batches: 2, teacher_weight: 0, gold_weight: 1}]\n");
  }
  std::string out() const { return folder_.file("search"); }
  std::vector<std::string> words(std::vector<std::string> more) const {
    more.insert(more.begin(), {"compress", folder_.file("recipe.yaml"), "--out", out()});
    return more;
  }
  ProcessResult compress(const std::vector<std::string>& more) const { return noggin(words(more)); }
  std::vector<json> trials() const {
    std::vector<json> found;
    std::istringstream lines(read_text(out() + "/trials.jsonl"));
    for (std::string line; std::getline(lines, line);) found.push_back(json::parse(line));
    return found;
  }
  // MB of which only some of the shapes fit whole.
  static constexpr const char* kTight = "budget.size_mb=0.07";

  test::TemporaryFolder folder_;
};

json without_times(json trial) {
  for (const char* key : {"predicted_us", "measured_us", "seconds"}) trial.erase(key);
  return trial;
}

TEST_F(Compress, FindsTheBestWithinABudget) {
  const ProcessResult found = compress({kTight, "--json"});
  ASSERT_EQ(found.exit_code, 0) << found.errors;
  const json result = json::parse(found.output);
  EXPECT_GT(result["float_student"]["dev"]["value"], 0.3);
  EXPECT_LE(result["best"]["bytes"], 70'000);
  std::size_t students = 0, whole = 0, rivals = 0;
  for (const json& trial : trials()) {
    const std::string file = out() + "/" + trial["model"].get<std::string>();
    EXPECT_EQ(trial["bytes"], fs::file_size(file)) << trial;
    EXPECT_GT(trial["measured_us"], 0.0);
    if (trial["kind"] != "student") {
      ++rivals;
      continue;
    }
    ++students;
    if (trial["length"] == 1.0) ++whole;
    EXPECT_LE(trial["bytes"], trial["planned_bytes"]) << trial;
    EXPECT_LE(trial["planned_bytes"], 70'000) << trial;
    EXPECT_GT(trial["predicted_us"], 0.0);
    // The plan is that of `check`, for the recipe of the trial.
    const std::string run = out() + "/" + trial["run"].get<std::string>();
    const ProcessResult checked = noggin({"check", run + "/recipe.yaml", "--out", run, "--json", "--no-latency"});
    ASSERT_EQ(checked.exit_code, 0) << checked.errors;
    EXPECT_EQ(json::parse(checked.output)["model"]["file_bytes"]["most"], trial["planned_bytes"]) << trial;
  }
  EXPECT_GE(students, 3U);
  EXPECT_EQ(whole, 2U);
  EXPECT_EQ(rivals, 1U) << "the linear model";
  EXPECT_TRUE(fs::exists(out() + "/best/export"));
  EXPECT_THAT(found.errors, HasSubstr("predicted"));
  EXPECT_FALSE(fs::exists(out() + "/best/results.json")) << "test has been read";
}

// The next command of a search measures test, and trains nothing.
TEST_F(Compress, ATrialIsAnOrdinaryRun) {
  const ProcessResult found = compress({kTight});
  ASSERT_EQ(found.exit_code, 0) << found.errors;
  EXPECT_THAT(found.output, HasSubstr("float student"));
  const std::vector<json> all = trials();
  const json trial =
      *std::ranges::find_if(all, [](const json& one) { return one["kind"] == "student" && one["length"] == 1.0; });
  const std::string run = out() + "/" + trial["run"].get<std::string>();
  const ProcessResult last = noggin({"run", run + "/recipe.yaml", "--out", run, "--final"});
  EXPECT_EQ(last.exit_code, 0) << last.errors;
  EXPECT_THAT(last.errors, HasSubstr("train: unchanged, skipped"));
  EXPECT_EQ(json::parse(read_text(run + "/results.json"))["split"], "test");
}

// Fewer layers are some of the encoder's, and each number of them has a float student of its own.
TEST_F(Compress, StartsFromAnEncoder) {
  const std::string teacher = folder_.file("teacher"), encoder = folder_.file("encoder");
  ASSERT_EQ(noggin({"train", folder_.file("recipe.yaml"), "student={layers: 3, width: 64, heads: 4, ffn_width: 128}",
                    "--out", teacher})
                .exit_code,
            0);
  ASSERT_EQ(noggin({"export", teacher, "--hugging-face", encoder}).exit_code, 0);
  const ProcessResult found =
      compress({"init.folder=" + encoder, "student={}", "tokenizer={size: 250, trim: true, max_tokens: 24}",
                "static_student={train: true, pieces: 300, width: 32}", "budget.size_mb=0.09", "--json"});
  ASSERT_EQ(found.exit_code, 0) << found.errors;
  bool one_layer = false;
  for (const json& trial : trials()) {
    EXPECT_LE(trial["bytes"], 90'000) << trial;
    if (trial["kind"] != "student" || trial["layers"] != 1) continue;
    one_layer = true;
    EXPECT_THAT(read_text(out() + "/" + trial["run"].get<std::string>() + "/recipe.yaml"),
                HasSubstr("keep_layers: [0]"));
  }
  EXPECT_TRUE(one_layer);
  EXPECT_TRUE(fs::exists(out() + "/float/checkpoints/0-distil.ckpt"));
  EXPECT_TRUE(fs::exists(out() + "/float-1-layer/checkpoints/0-distil.ckpt"));
}

TEST_F(Compress, AKilledSearchGoesOnToTheSameResult) {
  const std::string log = out() + "/trials.jsonl";
  std::vector<std::string> command = {"/bin/sh", "-c",
                                      "\"$@\" & child=$!; while [ \"$(cat '" + log +
                                          "' 2>/dev/null | wc -l)\" -lt 3 ]; do sleep 0.02; kill -0 $child || exit 99; "
                                          "done; kill -KILL $child; wait $child",
                                      "sh", NOGGIN_BIN_DIR "/noggin"};
  for (const std::string& word : words({kTight})) command.push_back(word);
  ASSERT_EQ(test::run_process(command).exit_code, 128 + SIGKILL);
  const std::string before = read_text(log);
  const ProcessResult resumed = compress({kTight, "--json"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  EXPECT_TRUE(read_text(log).starts_with(before)) << "a finished trial was measured again";
  const std::vector<json> stopped = trials();
  const json result = json::parse(resumed.output);

  const std::string after = read_text(log);
  const ProcessResult again = compress({kTight, "--json"});
  EXPECT_EQ(read_text(log), after);
  EXPECT_EQ(json::parse(again.output)["best"], result["best"]);
  EXPECT_EQ(again.errors.find(" step "), std::string::npos) << "it has trained: " << again.errors;

  fs::remove_all(out());
  const ProcessResult whole = compress({kTight, "--json"});
  ASSERT_EQ(whole.exit_code, 0) << whole.errors;
  const std::vector<json> uninterrupted = trials();
  ASSERT_EQ(uninterrupted.size(), stopped.size());
  for (std::size_t i = 0; i < stopped.size(); ++i)
    EXPECT_EQ(without_times(uninterrupted[i]), without_times(stopped[i]));
  EXPECT_EQ(without_times(json::parse(whole.output)["best"]), without_times(result["best"]));
}

TEST_F(Compress, ASignalSavesAndNamesTheCommandThatGoesOn) {
  std::vector<std::string> command = {"/bin/sh", "-c",
                                      "\"$@\" & child=$!; while [ ! -s '" + out() +
                                          "/float/metrics.jsonl' ]; do sleep 0.02; kill -0 $child || exit 99; done; "
                                          "kill -TERM $child; wait $child",
                                      "sh", NOGGIN_BIN_DIR "/noggin"};
  for (const std::string& word : words({kTight, "phases.0.epochs=40"})) command.push_back(word);
  const ProcessResult stopped = test::run_process(command);
  EXPECT_EQ(stopped.exit_code, 143) << stopped.errors;
  EXPECT_THAT(stopped.errors, HasSubstr("To continue: noggin compress"));
  EXPECT_TRUE(fs::exists(out() + "/float/checkpoints/resume.ckpt"));
}

TEST_F(Compress, LooksForTheSmallestThatLosesLittle) {
  const ProcessResult found = compress({"budget.drop=100", "student.layers=1", "--json"});
  ASSERT_EQ(found.exit_code, 0) << found.errors;
  const json result = json::parse(found.output);
  for (const json& trial : result["trials"]) {
    if (trial["length"] == 1.0) {
      EXPECT_LE(result["best"]["bytes"], trial["bytes"]) << trial;
    }
  }
}

TEST_F(Compress, WhatCannotBeMetIsRefusedBeforeTraining) {
  const ProcessResult small = compress({"budget.size_mb=0.02"});
  EXPECT_EQ(small.exit_code, 2);
  for (const char* part : {"no student fits the budget. The nearest, int4-1-layer-ffn90-heads50, takes", "bytes and",
                           "In the way is budget.size_mb", "word table", "Fix: "})
    EXPECT_THAT(small.errors, HasSubstr(part));
  EXPECT_EQ(compress({"budget.latency_us=0.001"}).exit_code, 2);
  EXPECT_EQ(compress({"--frontier=0.02,0.5"}).exit_code, 2);
  EXPECT_FALSE(fs::exists(out() + "/float")) << "it has trained";

  const ProcessResult none = compress({});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.errors, HasSubstr("no budget says what to look for"));
  const ProcessResult flat = compress({kTight, "student.layers=0", "phases=[{kind: distil}]"});
  EXPECT_EQ(flat.exit_code, 2);
  EXPECT_THAT(flat.errors, HasSubstr("student.layers is 0"));
  for (const char* wrong : {"--frontier=", "--frontier=a", "--frontier=1,", "--frontier=0"})
    EXPECT_EQ(compress({wrong}).exit_code, 2) << wrong;
}

TEST_F(Compress, AFolderThatHoldsSomethingElseIsRefused) {
  fs::create_directory(out());
  folder_.write("search/notes.txt", "mine");
  EXPECT_EQ(compress({kTight}).exit_code, 4);
  fs::remove_all(out());

  ASSERT_EQ(noggin({"train", folder_.file("recipe.yaml"), "--out", out()}).exit_code, 0);
  const ProcessResult run = compress({kTight});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.errors, HasSubstr("holds a training"));
  fs::remove_all(out());

  ASSERT_EQ(compress({kTight, "student.layers=1"}).exit_code, 0);
  const ProcessResult other = compress({kTight, "student.layers=1", "phases.2.learning_rate=1e-5"});
  EXPECT_EQ(other.exit_code, 4);
  EXPECT_THAT(other.errors, HasSubstr("another recipe"));
  EXPECT_EQ(compress({kTight, "student.layers=1", "baseline.epochs=2"}).exit_code, 4);
  EXPECT_EQ(compress({kTight, "student.layers=1", "baseline.epochs=2", "--force"}).exit_code, 0);
}

TEST_F(Compress, AFrontierIsATableACsvAndADrawing) {
  const ProcessResult made =
      compress({"--frontier=0.07,0.085,0.1,1", "static_student.train=true", "student.layers=1", "--json"});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  const json result = json::parse(made.output);
  ASSERT_EQ(result["frontier"].size(), 4U);
  for (const json& size : result["frontier"]) {
    const auto best = std::ranges::find(result["trials"], size["best"], [](const json& one) { return one["name"]; });
    ASSERT_NE(best, result["trials"].end()) << size;
    for (const json& trial : result["trials"]) {
      if (trial["bytes"].get<double>() > 1e6 * size["size_mb"].get<double>()) continue;
      EXPECT_GE((*best)["dev"]["value"], trial["dev"]["value"]) << size << trial;
    }
  }
  const std::string table = read_text(out() + "/frontier.md"), csv = read_text(out() + "/frontier.csv");
  for (const char* size : {"| 0.07 MB |", "| 0.085 MB |", "| 0.1 MB |", "| 1 MB |"})
    EXPECT_THAT(table, HasSubstr(size));
  for (const char* kind : {",student,", ",static,", ",linear,"}) EXPECT_THAT(csv, HasSubstr(kind));
  EXPECT_THAT(read_text(out() + "/frontier.svg"), HasSubstr("</svg>"));
  std::size_t linear = 0;
  for (const json& trial : trials()) {
    if (trial["planned_bytes"] > 0) {
      EXPECT_LE(trial["bytes"], trial["planned_bytes"]) << trial;
    }
    linear += trial["kind"] == "linear" ? 1 : 0;
  }
  EXPECT_EQ(linear, 1U) << "with all n-grams it is the same for every larger size";
}

}  // namespace
}  // namespace noggin
