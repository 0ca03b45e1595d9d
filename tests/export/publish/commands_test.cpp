// noggin key, noggin publish and noggin-run update, as they are typed.
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/cli_noggin.h"
#include "tests/support/update_publication.h"

namespace noggin {
namespace {

namespace fs = std::filesystem;
using test::noggin;
using test::noggin_run;
using test::ProcessResult;

class Commands : public test::PublicationTest {
 protected:
  void SetUp() override {
    if (!fs::exists(NOGGIN_BIN_DIR "/noggin")) GTEST_SKIP() << "NOT RUN: this build has no trainer";
  }
  ProcessResult publish_command(std::vector<std::string> more) {
    more.insert(more.begin(), {"publish", model(1), updates_, "--key", key_});
    return noggin(more);
  }
  void expect_code(const ProcessResult& result, int code, const std::string& word) {
    EXPECT_EQ(result.exit_code, code) << result.output << result.errors;
    EXPECT_NE((result.output + result.errors).find(word), std::string::npos) << result.output << result.errors;
  }
};

TEST_F(Commands, FromAKeyToADeviceAndBack) {
  const std::string key = folder_.file("own.key");
  expect_code(noggin({"key", "new", key, "--no-password"}), 0, "public key");
  struct stat status {};
  ASSERT_EQ(::stat(key.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  expect_code(noggin({"key", "new", key, "--no-password"}), 4, "exists");
  const ProcessResult shown = noggin({"key", "show", key, "--json"}),
                      open = noggin({"key", "show", key + ".pub", "--json"});
  EXPECT_EQ(nlohmann::json::parse(shown.output).at("public_key"), nlohmann::json::parse(open.output).at("public_key"));

  const ProcessResult published = noggin({"publish", model(1), updates_, "--key", key, "--json"});
  ASSERT_EQ(published.exit_code, 0) << published.errors;
  EXPECT_EQ(nlohmann::json::parse(published.output).at("serial"), 1);
  expect_code(noggin_run({"update", updates_, state_}), 2, "public key");
  expect_code(noggin_run({"update", updates_, state_, "--key", key + ".pub"}), 0, "updated");
  const ProcessResult answer = noggin_run({state_}, "where is my parcel\n");
  EXPECT_EQ(answer.exit_code, 0) << answer.errors;
  EXPECT_EQ(answer.output, noggin_run({model(1)}, "where is my parcel\n").output);
  EXPECT_TRUE(Updater(state_).state()->confirmed);

  expect_code(noggin({"publish", model(2), updates_, "--key", key}), 0, "typed");
  const ProcessResult again = noggin_run({"update", updates_, state_, "--json"});
  EXPECT_EQ(nlohmann::json::parse(again.output).at("from_delta"), true) << again.output;
  expect_code(noggin_run({state_, "--self-test"}), 0, "equal to the last bit");
  expect_code(noggin_run({"rollback", state_}), 0, ".nog");
  expect_code(noggin_run({"rollback", state_}), 3, "no previous model");
  expect_code(noggin_run({"current", state_}), 0, ".nog");
  expect_code(noggin_run({"confirm", state_}), 0, "");
}

TEST_F(Commands, ARefusedFolderIsExitFive) {
  ASSERT_EQ(publish_command({}).exit_code, 0);
  overwrite(manifest_file(1), "{}");
  expect_code(noggin_run({"update", updates_, state_, "--key", key_ + ".pub"}), 5, "refused (signature)");
}

TEST_F(Commands, WhatIsWrongIsUsage) {
  expect_code(noggin({"key"}), 2, "new, show or sign");
  expect_code(noggin({"key", "make", "x"}), 2, "make");
  expect_code(noggin({"key", "sign", key_}), 2, "--key");
  expect_code(noggin({"key", "show", folder_.file("nowhere")}), 3, "nowhere");
  expect_code(noggin({"key", "show", model(1)}), 3, "more than");
  expect_code(noggin({"publish", model(1)}), 2, "folder");
  expect_code(noggin({"publish", model(1), updates_}), 2, "key");
  expect_code(publish_command({"--rollout", "many"}), 2, "rollout");
  expect_code(publish_command({"--rollout", "101"}), 2, "rollout");
  expect_code(publish_command({"--channel", "a b"}), 2, "channel");
  expect_code(publish_command({"--chanel", "beta"}), 2, "--channel");
  expect_code(publish_command({"seed=1"}), 2, "no recipe");
  expect_code(noggin_run({"update", updates_}), 2, "state folder");
  expect_code(noggin_run({"update", updates_, state_, "--chanel", "x"}), 2, "--channel");
  expect_code(noggin_run({"update", updates_, state_, "--key", folder_.file("nowhere")}), 3, "nowhere");
  expect_code(noggin_run({"update", "--help"}), 0, "noggin-run rollback");
}

TEST_F(Commands, ARecipeGivesFolderKeyAndDefaults) {
  ASSERT_EQ(noggin({"init", "--demo", folder_.file("demo")}).exit_code, 0);
  const std::string recipe = folder_.file("demo/recipe.yaml");
  const ProcessResult published =
      noggin({"publish", model(1), "--recipe", recipe, "publish.folder=" + updates_, "publish.key=" + key_,
              "publish.channel=beta", "publish.rollout=25", "--json"});
  ASSERT_EQ(published.exit_code, 0) << published.errors;
  const auto manifest = update::parse_manifest(test::read_text(manifest_file(1)));
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->channels.at("beta").rollout, 2500U);
  expect_code(noggin({"publish", model(1), "--recipe", recipe, "publish.chanel=beta"}), 2, "publish.channel");
}

TEST_F(Commands, WithoutATerminalAPasswordComesFromAFile) {
  const std::string key = folder_.file("locked.key"), empty = folder_.write("empty", "\n");
  const std::vector<std::string> alone = {"/usr/bin/env", "setsid", NOGGIN_BIN_DIR "/noggin", "key", "new", key};
  if (!fs::exists("/usr/bin/setsid")) GTEST_SKIP() << "NOT RUN: no setsid";
  expect_code(test::run_process(alone), 2, "--password-file");
  expect_code(noggin({"key", "new", key, "--password-file", empty}), 3, "empty");
  expect_code(noggin({"key", "new", key, "--password-file", folder_.file("nowhere")}), 3, "nowhere");
  EXPECT_FALSE(fs::exists(key));
}

}  // namespace
}  // namespace noggin
