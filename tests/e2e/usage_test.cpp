// The command line without any work: verbs, options, recipes, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/cli_noggin.h"

namespace noggin {
namespace {

using test::noggin;
using test::ProcessResult;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Usage, NoVerbAndUnknownVerbs) {
  EXPECT_EQ(noggin({}).exit_code, 2);
  const ProcessResult result = noggin({"trian"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("unknown verb \"trian\"; the nearest is \"train\""));
  EXPECT_THAT(result.output, IsEmpty());
}

TEST(Usage, HelpListsEveryVerbAndEachVerbExplainsItself) {
  const ProcessResult all = noggin({"--help"});
  EXPECT_EQ(all.exit_code, 0);
  for (const char* verb : {"init", "check", "ingest", "train", "eval", "export", "verify", "run", "compress", "predict",
                           "inspect", "doctor"}) {
    EXPECT_THAT(all.output, HasSubstr(std::string("  ") + verb));
    const ProcessResult one = noggin({verb, "--help"});
    EXPECT_EQ(one.exit_code, 0) << verb;
    EXPECT_THAT(one.output, HasSubstr(std::string("usage: noggin ") + verb));
  }
}

TEST(Usage, UnknownOptionsNameTheNearest) {
  const ProcessResult result = noggin({"run", "recipe.yaml", "--forec"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("the nearest is --force"));
}

TEST(Usage, WhatComesNextCanBePastedIntoAShell) {
  const test::TemporaryFolder folder;
  for (const char* name : {"plain", "a friend's  data", "$HOME;ls", "-dash"}) {
    const std::string place = folder.file(name);
    const ProcessResult made = noggin({"init", place});
    ASSERT_EQ(made.exit_code, 0) << made.errors;
    const std::size_t at = made.output.find("noggin check");
    ASSERT_NE(at, std::string::npos) << made.output;
    const std::string next = made.output.substr(at, made.output.find('\n', at) - at);
    const ProcessResult words = test::run_process({"/bin/sh", "-c", "set -- " + next + "; printf '%s,' \"$@\""});
    EXPECT_EQ(words.output, "noggin,check," + place + "/recipe.yaml,");
  }
}

TEST(Usage, AClosedOutputIsNoErrorAndAFullOneIs) {
  const std::string program = std::string(NOGGIN_BIN_DIR) + "/noggin";
  const auto shell = [&](const std::string& command) {
    return test::run_process({"/bin/bash", "-c", command, program});
  };
  const ProcessResult closed = shell("\"$0\" --help | true; echo ${PIPESTATUS[0]}");
  EXPECT_EQ(closed.output, "0\n") << closed.errors;
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full on this system";
  const ProcessResult full = shell("\"$0\" doctor >/dev/full");
  EXPECT_EQ(full.exit_code, 4);
  EXPECT_THAT(full.errors, HasSubstr("standard output"));
}

TEST(Usage, HelpHasNoEmptyGroups) {
  EXPECT_THAT(noggin({"doctor", "--help"}).output, testing::Not(HasSubstr("Options:")));
  EXPECT_THAT(noggin({"check", "--help"}).output, testing::Not(HasSubstr("Options:\n\n")));
}

TEST(Usage, MissingAndSuperfluousArguments) {
  EXPECT_EQ(noggin({"check"}).exit_code, 2);
  EXPECT_EQ(noggin({"inspect", "a", "b"}).exit_code, 2);
  EXPECT_EQ(noggin({"predict", "model.nog", "train.ema=1"}).exit_code, 2);
}

TEST(Usage, FilesThatDoNotExistAreBadData) {
  EXPECT_EQ(noggin({"predict", "no.nog"}).exit_code, 3);
  EXPECT_EQ(noggin({"inspect", "no.nog"}).exit_code, 3);
  EXPECT_EQ(noggin({"verify", "no.nog"}).exit_code, 3);
  EXPECT_EQ(noggin({"eval", "no"}).exit_code, 3);
  EXPECT_EQ(noggin({"export", "no"}).exit_code, 3);
}

TEST(Usage, UnknownTargetsOfVerificationNameTheKnownOnes) {
  for (const char* list : {"mmx", "reference,mmx", "", ",reference"}) {
    const ProcessResult result = noggin({"verify", "no.nog", "--targets", list});
    EXPECT_EQ(result.exit_code, 2) << list;
    EXPECT_THAT(result.errors, HasSubstr("Targets: all, "));
    EXPECT_THAT(result.errors, HasSubstr("reference, cuda, vulkan, onnxruntime"));
  }
  EXPECT_EQ(noggin({"verify", "no.nog", "--targets", "all"}).exit_code, 3) << "then the file is looked at";
}

TEST(Usage, DoctorNamesVersionsAndKernelSets) {
  const ProcessResult result = noggin({"doctor", "--json"});
  EXPECT_EQ(result.exit_code, 0);
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_THAT(json["torch"].get<std::string>(), HasSubstr("2.11"));
  EXPECT_THAT(json["kernel_sets"].dump(), HasSubstr("reference"));
}

class DemoRecipe : public testing::Test {
 protected:
  DemoRecipe() { EXPECT_EQ(noggin({"init", "--demo", demo_, "--quiet"}).exit_code, 0); }
  test::TemporaryFolder folder_;
  const std::string demo_ = folder_.file("demo"), recipe_ = demo_ + "/recipe.yaml", out_ = folder_.file("run");
};

TEST_F(DemoRecipe, ChecksAndExplains) {
  const ProcessResult result = noggin({"check", recipe_, "--out", out_, "train.ema=0.5", "--explain"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("train.ema = 0.5   (command line)"));
  EXPECT_FALSE(std::filesystem::exists(out_)) << "check changes nothing";
}

TEST_F(DemoRecipe, InitRefusesToOverwrite) {
  EXPECT_EQ(noggin({"init", "--demo", demo_}).exit_code, 4);
  EXPECT_EQ(noggin({"init", demo_}).exit_code, 4);
}

TEST_F(DemoRecipe, AllRecipeProblemsAtOnceWithTheirPlaces) {
  const ProcessResult result = noggin({"check", recipe_, "train.emma=1", "student.width=130", "--out", out_});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("2 problems"));
  EXPECT_THAT(result.errors, HasSubstr("command line: train.emma=1: unknown key"));
  EXPECT_THAT(result.errors, HasSubstr("not a multiple of student.heads"));
}

// What is wrong with a recipe, with the files and folders that it names, and with its classes: one list, by line.
TEST(Recipe, ItsFaultsAndThoseOfItsFilesAreToldAtOnce) {
  const test::TemporaryFolder folder;
  folder.write("dev.jsonl", "");
  const std::string recipe = folder.write("recipe.yaml",
                                          "task: single_label\n"
                                          "data:\n"
                                          "  labels_file: classes.txt\n"
                                          "  train: [{adapter: jsonl, path: gone.jsonl}]\n"
                                          "  dev: [{adapter: jsonl, path: dev.jsonl}]\n"
                                          "  test: [{adapter: jsonl, path: \"${root}/test.jsonl\"}]\n"
                                          "trane: {ema: 0}\n"
                                          "init: {folder: encoder}\n"
                                          "phases: [{kind: distil, epochs: many}, {kind: qat}]\n");
  const std::vector<std::string> rest = {recipe, "tokenizer.vocabulary_file=pieces.txt", "student.width=130",
                                         "gates.required_targets=[avx3]"};
  const std::string faults =
      "recipe.yaml:3: .*/classes.txt.*\n.*recipe.yaml:4: .*/gone.jsonl does not exist.*\n"
      ".*recipe.yaml:5: .*/dev.jsonl is empty.*\n.*recipe.yaml:6: data.test.0.path uses [^\n]*root.*\n"
      ".*recipe.yaml:7: unknown key \"trane\".*\n.*recipe.yaml:8: init.folder: .*\n.*recipe.yaml:9: "
      "phases.0.epochs.*\n"
      ".*command line: .*pieces.txt does not exist.*\n.*command line: .*avx3";
  for (const char* verb : {"check", "run"}) {
    std::vector<std::string> words = {verb};
    words.insert(words.end(), rest.begin(), rest.end());
    const ProcessResult result = noggin(words);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.errors, HasSubstr("recipe.yaml cannot be run: 10 problems\n"));
    EXPECT_THAT(result.errors, testing::ContainsRegex(faults));
    EXPECT_THAT(result.errors, HasSubstr("not a multiple of student.heads"));
  }
}

TEST_F(DemoRecipe, MissingFilesAreListedBeforeAnyWork) {
  std::filesystem::remove(demo_ + "/dev.jsonl");
  std::filesystem::remove(demo_ + "/test.jsonl");
  const ProcessResult result = noggin({"run", recipe_, "--out", out_});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("dev.jsonl does not exist"));
  EXPECT_THAT(result.errors, HasSubstr("test.jsonl does not exist"));
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(DemoRecipe, ForeignFoldersAreNotWrittenInto) {
  folder_.write("run/thesis.txt", "precious");
  const ProcessResult result = noggin({"ingest", recipe_, "--out", out_});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.errors, HasSubstr("--force"));
}

TEST_F(DemoRecipe, TooManyBadLinesAreBadData) {
  std::filesystem::remove(demo_ + "/dev.jsonl");
  folder_.write("demo/dev.jsonl", "not json\n{\"text\": \"no\", \"label\": \"nonsense\"}\n");
  const ProcessResult result = noggin({"ingest", recipe_, "--out", out_});
  EXPECT_EQ(result.exit_code, 3) << result.errors;
}

TEST_F(DemoRecipe, IngestReportsWhatItDidAndIsSkippedTheSecondTime) {
  const ProcessResult first = noggin({"ingest", recipe_, "--out", out_});
  EXPECT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_THAT(first.output, HasSubstr("rejected lines: "));
  EXPECT_THAT(first.output, HasSubstr("next"));
  const ProcessResult second = noggin({"ingest", recipe_, "--out", out_});
  EXPECT_EQ(second.exit_code, 0) << second.errors;
  EXPECT_THAT(second.errors, HasSubstr("ingest: unchanged, skipped"));
}

}  // namespace
}  // namespace noggin
