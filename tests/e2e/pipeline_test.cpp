// The whole way on a tiny recipe: one run, then everything that can be asked of its run directory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "tests/support/cli_demo_run.h"

namespace noggin {
namespace {

using nlohmann::json;
using test::noggin;
using test::noggin_run;
using test::ProcessResult;
using testing::HasSubstr;
using testing::Not;

class Pipeline : public test::DemoRun<Pipeline> {
 public:
  static std::vector<std::string> options() { return {"--json"}; }

 protected:
  static std::string model() { return out() + "/export/model.nog"; }
};

TEST_F(Pipeline, TheTableHasEveryRow) {
  std::vector<std::string> names;
  const json table = json::parse(first_.output);
  for (const json& target : table["targets"]) names.push_back(target["name"]);
  for (const char* name :
       {"baseline (n-grams)", "float student", "pruned", "quantized (trainer)", ".nog (reference)"}) {
    EXPECT_THAT(names, testing::Contains(name));
  }
}

TEST_F(Pipeline, TheRunDirectoryIsComplete) {
  for (const char* file :
       {"recipe.yaml", "recipe.resolved.yaml", "env.json", "log.txt", "metrics.jsonl", "stages.json", "results.json",
        "export/model.nog", "export/model.onnx", "export/parity.jsonl", "export/certificate.json"}) {
    EXPECT_TRUE(std::filesystem::is_regular_file(out() + "/" + file)) << file;
  }
}

TEST_F(Pipeline, TheSecondRunSkipsEveryStageAndChangesNothing) {
  const std::string before = test::read_text(model());
  const ProcessResult again = test::tiny("run", recipe(), {"--out", out()});
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  for (const char* stage : {"ingest", "train", "baseline", "export"}) {
    EXPECT_THAT(again.errors, HasSubstr(std::string(stage) + ": unchanged, skipped"));
  }
  EXPECT_EQ(test::read_text(model()), before);
}

TEST_F(Pipeline, AnotherRecipeIsRefusedWithoutForce) {
  const ProcessResult result = test::tiny("run", recipe(), {"--out", out(), "seed=2"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.errors, HasSubstr("\"seed: 1\" there, \"seed: 2\" now"));
}

TEST_F(Pipeline, AnotherGateTrainsNothingAgain) {
  const ProcessResult result = test::tiny("run", recipe(), {"--out", out(), "gates.min_quality=0.01"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("train: unchanged, skipped"));
  EXPECT_THAT(result.errors, HasSubstr("export: unchanged, skipped"));
}

TEST_F(Pipeline, VerifyFindsNoDifferingBit) {
  const ProcessResult result = noggin({"verify", model(), "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const json report = json::parse(result.output);
  EXPECT_TRUE(report["passed"].get<bool>());
  EXPECT_GT(report["training"]["rows"].get<int>(), 100);
  int ran = 0;
  for (const json& target : report["targets"]) {
    if (target["name"] == "onnxruntime") continue;
    if (!target["ran"].get<bool>()) {  // a kernel set or a GPU that this machine lacks
      EXPECT_NE(target["name"], "reference");
      EXPECT_NE(target["why_not"], "");
      continue;
    }
    ++ran;
    EXPECT_EQ(target["flips"], 0) << target;
    EXPECT_EQ(target["differing_bits_rows"], 0) << target;
  }
  EXPECT_GE(ran, 1);
}

TEST_F(Pipeline, AGpuGivesTheBitsOfTheWholeTestSet) {
  const ProcessResult result =
      noggin({"verify", model(), "--data", demo() + "/test.jsonl", "--targets", "vulkan", "--json"});
  if (result.exit_code == 3) {
    EXPECT_THAT(result.errors, HasSubstr("'vulkan' was requested by name and cannot run"));
    GTEST_SKIP() << "not run on a GPU: " << result.errors;
  }
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const json report = json::parse(result.output);
  EXPECT_TRUE(report["passed"].get<bool>());
  const json& target = report["targets"].at(0);
  EXPECT_EQ(target["name"], "vulkan");
  EXPECT_TRUE(target["ran"].get<bool>());
  EXPECT_GT(target["rows"].get<int>(), 1000);
  EXPECT_EQ(target["differing_bits_rows"], 0) << target;
  const ProcessResult alone = noggin_run({model(), "--gpu", "--verify", out() + "/export/parity.jsonl"});
  EXPECT_EQ(alone.exit_code, 0) << alone.output << alone.errors;
}

TEST_F(Pipeline, VerifyWithoutARunNeedsRowsAndChecksTheRuntimeAlone) {
  const std::string alone = folder_->file("model.nog");
  std::filesystem::copy_file(model(), alone, std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(noggin({"verify", alone}).exit_code, 2);
  const ProcessResult result = noggin({"verify", alone, "--data", demo() + "/test.jsonl"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
}

TEST_F(Pipeline, TheSmallRuntimeProvesTheSameAlone) {
  EXPECT_EQ(noggin_run({model(), "--verify", out() + "/export/parity.jsonl"}).exit_code, 0);
  EXPECT_EQ(noggin_run({model(), "--self-test"}).exit_code, 0);
}

TEST_F(Pipeline, PredictAndNogginRunAnswerAlike) {
  const std::string text = "where is my parcel\n\ni want my money back\n";
  const ProcessResult ours = noggin({"predict", model(), "--json"}, text);
  const ProcessResult theirs = noggin_run({model(), "--json"}, text);
  ASSERT_EQ(ours.exit_code, 0) << ours.errors;
  std::istringstream a(ours.output), b(theirs.output);
  int lines = 0;
  for (std::string left, right; std::getline(a, left) && std::getline(b, right); ++lines) {
    EXPECT_EQ(json::parse(left)["label"], json::parse(right)["label"]);
  }
  EXPECT_EQ(lines, 3);
}

TEST_F(Pipeline, PredictSaysHowACheckpointBecomesAModel) {
  const ProcessResult result = noggin({"predict", out() + "/checkpoints/0-distil.ckpt"}, "where is my parcel\n");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, testing::HasSubstr("`noggin export` its run"));
}

TEST_F(Pipeline, EvalOfTheRunItsCheckpointsAndItsModelAgree) {
  const ProcessResult result = noggin({"eval", out(), "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const json targets = json::parse(result.output)["targets"];
  ASSERT_EQ(targets.size(), 4U);
  EXPECT_EQ(targets[2]["accuracy"], targets[3]["accuracy"]) << "the qat checkpoint and the .nog file";
  const ProcessResult file = noggin({"eval", model(), "--data", demo() + "/dev.jsonl", "--json"});
  ASSERT_EQ(file.exit_code, 0) << file.errors;
  EXPECT_EQ(json::parse(file.output)["targets"][0]["accuracy"], targets[3]["accuracy"]);
}

TEST_F(Pipeline, InspectKnowsEveryKindOfFile) {
  const std::vector<std::pair<std::string, std::string>> expected = {
      {model(), "layer 0"},
      {out() + "/export/model.onnx", "17"},
      {out() + "/checkpoints/0-distil.ckpt", "embeddings.word"},
      {out() + "/data/shards/train-00000.h5", "token"},
      {demo() + "/output.jsonl", "cut_last_line"}};
  for (const auto& [file, word] : expected) {
    const ProcessResult result = noggin({"inspect", file});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_THAT(result.output, HasSubstr(word)) << file;
  }
}

// The float student as a Hugging Face folder, which a second recipe starts from.
TEST_F(Pipeline, TheStudentGoesOutAsAFolderAndComesBack) {
  const std::string encoder = folder_->file("encoder"), next = folder_->file("next");
  ASSERT_EQ(noggin({"export", out(), "--hugging-face", encoder}).exit_code, 0);
  for (const char* file :
       {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"}) {
    EXPECT_TRUE(std::filesystem::is_regular_file(encoder + "/" + file)) << file;
  }
  const ProcessResult again = noggin({"export", out(), "--hugging-face", encoder});
  EXPECT_EQ(again.exit_code, 4);
  EXPECT_THAT(again.errors, HasSubstr("is not empty. Fix: choose another folder, or --force"));
  const std::string weights = test::read_text(encoder + "/model.safetensors");
  ASSERT_EQ(noggin({"export", out(), "--hugging-face", encoder, "--force"}).exit_code, 0);
  EXPECT_EQ(test::read_text(encoder + "/model.safetensors"), weights);

  const ProcessResult run = test::tiny(
      "ingest", recipe(), {"--out", next, "init.folder=" + encoder, "tokenizer.trim=true", "tokenizer.size=300"});
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_THAT(run.output, HasSubstr("vocabulary: 300 of 600 pieces kept; "));
  EXPECT_THAT(run.output, HasSubstr("unknown words %"));
  const ProcessResult unfit =
      test::tiny("check", recipe(), {"--out", next, "init.folder=" + encoder, "tokenizer.max_tokens=49"});
  EXPECT_EQ(unfit.exit_code, 2) << unfit.errors;
  EXPECT_THAT(unfit.errors, HasSubstr("tokenizer.max_tokens is 49, but"));
}

TEST_F(Pipeline, ADamagedModelIsRefused) {
  std::string bytes = test::read_text(model());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  const std::string damaged = folder_->write("damaged.nog", bytes);
  EXPECT_EQ(noggin({"predict", damaged}, "text\n").exit_code, 3);
  EXPECT_EQ(noggin({"verify", damaged, "--data", demo() + "/test.jsonl"}).exit_code, 3);
}

TEST_F(Pipeline, AGateThatFailsIsExitFiveAndAnotherGateDoesNotTrainAgain) {
  const std::string other = folder_->file("gated");
  std::filesystem::copy(out(), other, std::filesystem::copy_options::recursive);
  const ProcessResult result = test::tiny("run", recipe(), {"--out", other, "gates.min_quality=1", "--force"});
  EXPECT_EQ(result.exit_code, 5) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("failed"));
  EXPECT_THAT(result.errors, HasSubstr("train: unchanged, skipped"));
  // The model is not where shipped models are taken from, and what comes next is not to use it.
  const std::string shipping = other + "/export/model.nog", rejected = other + "/export/model.rejected.nog";
  EXPECT_FALSE(std::filesystem::exists(shipping));
  EXPECT_EQ(test::read_text(rejected), test::read_text(model()));
  EXPECT_THAT(result.output, HasSubstr("model.rejected.nog"));
  EXPECT_THAT(result.output, testing::Not(HasSubstr("noggin-run")));
  EXPECT_EQ(noggin({"verify", rejected}).exit_code, 5);
  // `verify` alone comes to the same end, unless it is asked another question than the run's.
  EXPECT_EQ(noggin({"export", other}).exit_code, 0);
  EXPECT_EQ(noggin({"verify", shipping, "--data", demo() + "/test.jsonl"}).exit_code, 5);
  EXPECT_TRUE(std::filesystem::exists(shipping));
  const ProcessResult alone = noggin({"verify", shipping});
  EXPECT_EQ(alone.exit_code, 5) << alone.errors;
  EXPECT_THAT(alone.errors, HasSubstr("it is now " + rejected));
  EXPECT_FALSE(std::filesystem::exists(shipping));
  EXPECT_FALSE(std::filesystem::exists(other + "/export/model.onnx"));
  EXPECT_EQ(test::read_text(rejected), test::read_text(model()));
  const ProcessResult again = test::tiny("run", recipe(), {"--out", other, "gates.min_quality=0"});
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_THAT(again.errors, HasSubstr("export: unchanged, skipped"));
  EXPECT_EQ(test::read_text(shipping), test::read_text(model()));
  EXPECT_FALSE(std::filesystem::exists(rejected));
}

TEST_F(Pipeline, TheResultTableAndTheNextCommandStandLast) {
  const ProcessResult again = test::tiny("run", recipe(), {"--out", out()});
  const std::size_t gates = again.output.find("agree to the last bit"), table = again.output.rfind("float student"),
                    next = again.output.rfind("\nnext");
  EXPECT_LT(gates, table);
  EXPECT_LT(table, next);
  EXPECT_EQ(again.output.find('\n', next + 1), again.output.size() - 1) << again.output;
}

// Also shows that equal recipes in different folders give equal bytes.
TEST_F(Pipeline, CtrlCSavesAndTheSameCommandGoesOnToTheSameModel) {
  const std::string other = folder_->file("interrupted");
  std::vector<std::string> command = {"/bin/sh",
                                      "-c",
                                      "\"$@\" & child=$!; while [ ! -s \"$log\" ] || ! grep -q step \"$log\"; do sleep "
                                      "0.05; kill -0 $child || exit 99; done; "
                                      "kill -INT $child; wait $child",
                                      "sh",
                                      NOGGIN_BIN_DIR "/noggin",
                                      "train",
                                      recipe()};
  command[2] = "log='" + other + "/metrics.jsonl'; " + command[2];
  for (const std::string& word : test::tiny_overrides()) command.push_back(word);
  command.insert(command.end(), {"--out", other});
  const ProcessResult stopped = test::run_process(command);
  EXPECT_EQ(stopped.exit_code, 130) << stopped.errors;
  EXPECT_THAT(stopped.errors, HasSubstr("To continue: noggin train"));
  const ProcessResult resumed = test::tiny("run", recipe(), {"--out", other});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.errors;
  EXPECT_THAT(resumed.errors, HasSubstr("resumed at phase"));
  EXPECT_EQ(test::read_text(other + "/export/model.nog"), test::read_text(model()));
  EXPECT_EQ(test::read_text(other + "/export/model.onnx"), test::read_text(out() + "/export/model.onnx"));
}

}  // namespace
}  // namespace noggin
