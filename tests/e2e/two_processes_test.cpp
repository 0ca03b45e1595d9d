// One training shared by two processes, as torchrun or Slurm would start it.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <thread>

#include "tests/support/cli_noggin.h"

namespace noggin {
namespace {

// dev cross-entropy of the distil phase's student
double cross_entropy_of(const std::string& run) {
  const std::string text = test::noggin({"inspect", run + "/checkpoints/0-distil.ckpt"}).output;
  std::smatch found;
  return std::regex_search(text, found, std::regex("\"cross_entropy\":([0-9.e+-]+)")) ? std::stod(found[1]) : -1.0;
}

test::ProcessResult train_as(int rank, const std::string& recipe, const std::string& out) {
  const int port = 20000 + static_cast<int>(::getpid()) % 20000;
  std::vector<std::string> words = {"/usr/bin/env",
                                    "RANK=" + std::to_string(rank),
                                    "WORLD_SIZE=2",
                                    "MASTER_ADDR=127.0.0.1",
                                    "MASTER_PORT=" + std::to_string(port),
                                    "OMP_NUM_THREADS=1",
                                    NOGGIN_BIN_DIR "/noggin",
                                    "train",
                                    recipe};
  for (const std::string& word : test::tiny_overrides()) words.push_back(word);
  words.insert(words.end(), {"student.dropout=0", "--out", out});
  return test::run_process(std::move(words), {});
}

TEST(TwoProcesses, ShareATrainingAndLearnWhatOneWould) {
  const test::TemporaryFolder folder;
  const std::string demo = folder.file("demo"), recipe = demo + "/recipe.yaml";
  ASSERT_EQ(test::noggin({"init", "--demo", demo}).exit_code, 0);
  const std::string alone = folder.file("alone"), shared = folder.file("shared");
  ASSERT_EQ(test::tiny("train", recipe, {"student.dropout=0", "--out", alone}).exit_code, 0);
  ASSERT_EQ(test::tiny("ingest", recipe, {"student.dropout=0", "--out", shared}).exit_code, 0);

  test::ProcessResult first, second;
  std::thread other([&] { second = train_as(1, recipe, shared); });
  first = train_as(0, recipe, shared);
  other.join();
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  ASSERT_EQ(second.exit_code, 0) << second.errors;
  EXPECT_TRUE(std::filesystem::exists(shared + "/checkpoints/2-qat.ckpt"));
  // Without dropout the added gradient is the whole batch's, so both runs see the same optimization up to float
  // order.
  EXPECT_NEAR(cross_entropy_of(shared), cross_entropy_of(alone), 0.01 * cross_entropy_of(alone));
}

}  // namespace
}  // namespace noggin
