// The small part of experiments/endurance: kills at random moments and file calls that fail, over all stages of a run.
#include <gtest/gtest.h>

#include <regex>

#include "tests/support/cli_noggin.h"

namespace noggin {
namespace {

struct Figures {
  int tried = 0, survived = 0, equal = 0;
};

Figures figures_of(const std::string& output, const std::string& kind) {
  std::smatch found;
  if (!std::regex_search(output, found, std::regex(kind + " +([0-9]+) +([0-9]+) +([0-9]+)"))) return {};
  return {std::stoi(found[1]), std::stoi(found[2]), std::stoi(found[3])};
}

TEST(Endurance, KillsAndFailingCallsChangeNoByte) {
  if (test::run_process({"/usr/bin/env", "python3", "-c", ""}).exit_code != 0) GTEST_SKIP() << "no python3";
  const test::TemporaryFolder folder;
  const test::ProcessResult result =
      test::run_process({"/bin/bash", NOGGIN_SOURCE_DIR "/experiments/endurance/run.sh", NOGGIN_BIN_DIR "/noggin",
                         folder.file("endurance"), "--rows", "64", "--kills", "20", "--failed-calls", "40",
                         "--killed-calls", "0", "--full-disks", "0", "--group-kills", "0"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  const Figures kills = figures_of(result.output, "kill -9 at a random moment"),
                calls = figures_of(result.output, "a file call that fails");
  EXPECT_GE(kills.tried, 20);
  EXPECT_EQ(kills.survived, kills.tried);
  EXPECT_EQ(kills.equal, kills.tried);
  EXPECT_GE(calls.tried, 40);
  EXPECT_EQ(calls.survived, calls.tried);
  EXPECT_EQ(calls.equal, calls.tried);
}

}  // namespace
}  // namespace noggin
