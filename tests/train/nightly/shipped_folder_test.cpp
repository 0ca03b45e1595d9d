#include "train/nightly/shipped_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/cli_temporary_folder.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Shipped : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const {
    const std::string path = folder_.file(name);
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << text;
    return path;
  }
  static std::string read(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // A night with a model of this content.
  void night(ShippedFolder& shipped, const std::string& model, bool ship) const {
    const std::string decision = ship ? "shipped" : "held back";
    shipped.finish(shipped.next_number(),
                   {{write("model", model), ship ? "model.nog" : "model.rejected.nog"},
                    {folder_.file("absent"), "model.onnx"},
                    {write("checkpoint", model + " weights"), "start.ckpt"}},
                   {{"summary.json", Json{{"decision", decision}, {"model", model}}.dump()}}, ship);
  }
  std::string path() const { return folder_.file("shipped"); }

  test::TemporaryFolder folder_;
};

TEST_F(Shipped, BeginsWithNothing) {
  const ShippedFolder shipped(path());
  EXPECT_EQ(shipped.model(), "");
  EXPECT_EQ(shipped.start(), "");
  EXPECT_FALSE(shipped.last_night());
  EXPECT_EQ(shipped.next_number(), 1U);
}

TEST_F(Shipped, AModelThatSomeonePutThereIsShippedUntilANightReplacesIt) {
  write("shipped/model.nog", "by hand");
  ShippedFolder shipped(path());
  EXPECT_EQ(read(shipped.model()), "by hand");
  night(shipped, "first", true);
  EXPECT_EQ(read(shipped.model()), "first");
}

TEST_F(Shipped, ANightThatIsHeldBackChangesNothing) {
  ShippedFolder shipped(path());
  night(shipped, "first", true);
  night(shipped, "second", false);
  EXPECT_EQ(read(shipped.model()), "first");
  EXPECT_EQ(read(shipped.start()), "first weights");
  EXPECT_EQ((*shipped.last_night())["decision"], "held back");
  EXPECT_EQ(shipped.next_number(), 3U);
  EXPECT_FALSE(fs::exists(shipped.folder_of(2) + "/model.onnx"));
}

TEST_F(Shipped, OldNightsGoButNeverTheOneThatIsShipped) {
  ShippedFolder shipped(path());
  night(shipped, "first", true);
  for (const char* model : {"second", "third", "fourth"}) night(shipped, model, false);
  shipped.keep_newest(2);
  EXPECT_TRUE(fs::exists(shipped.folder_of(1)));
  EXPECT_FALSE(fs::exists(shipped.folder_of(2)));
  EXPECT_TRUE(fs::exists(shipped.folder_of(3)));
  EXPECT_EQ(read(shipped.model()), "first");
}

TEST_F(Shipped, AProcessKilledBeforeTheSwitchIsCompletedByTheNext) {
  {
    ShippedFolder shipped(path());
    night(shipped, "first", true);
    night(shipped, "second", true);
  }
  // As if it had been killed after the rename of the night: the link is still the old one, or missing.
  for (const bool missing : {false, true}) {
    fs::remove(path() + "/current");
    if (!missing) fs::create_directory_symlink("nights/0001", path() + "/current");
    const ShippedFolder again(path());
    EXPECT_EQ(read(again.model()), "second");
  }
}

TEST_F(Shipped, AHalfWrittenNightIsRemoved) {
  {
    ShippedFolder shipped(path());
    night(shipped, "first", true);
  }
  write("shipped/nights/.0002.partial/model.nog", "half");
  const ShippedFolder again(path());
  EXPECT_EQ(read(again.model()), "first");
  EXPECT_EQ(again.next_number(), 2U);
  EXPECT_FALSE(fs::exists(path() + "/nights/.0002.partial"));
}

TEST_F(Shipped, WhatCannotBeReadIsNamed) {
  {
    ShippedFolder shipped(path());
    night(shipped, "first", true);
  }
  write("shipped/nights/0001/summary.json", "{\"decision\": ");
  try {
    const ShippedFolder again(path());
    FAIL() << "a cut summary was taken";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kBadData);
    EXPECT_THAT(failure.what(), HasSubstr("0001/summary.json"));
  }
}

TEST_F(Shipped, ASecondProcessIsRefused) {
  const ShippedFolder first(path());
  EXPECT_THROW(ShippedFolder{path()}, Failure);
}

}  // namespace
}  // namespace noggin::train
