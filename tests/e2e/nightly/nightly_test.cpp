// `noggin nightly` as a scheduler calls it: ships, does nothing, holds back, goes on after a kill.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/cli_noggin.h"

namespace noggin::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class Nightly : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(noggin({"init", "--demo", demo()}).exit_code, 0); }

  std::string demo() const { return folder_.file("demo"); }
  std::string shipped() const { return folder_.file("shipped"); }
  std::vector<std::string> words(std::vector<std::string> more) const {
    std::vector<std::string> words = {"nightly",
                                      demo() + "/recipe.yaml",
                                      "--shipped",
                                      shipped(),
                                      "--json",
                                      "nightly.prometheus_file=" + folder_.file("noggin.prom"),
                                      "export.onnx=false",
                                      "compare.accept=[better, equivalent, cannot tell, worse]"};
    for (const std::string& word : tiny_overrides()) words.push_back(word);
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  ProcessResult night(const std::vector<std::string>& more = {}) const { return noggin(words(more)); }
  static json parsed(const ProcessResult& result) { return json::parse(result.output, nullptr, false); }
  static std::string text(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // One more labelled file for the log: every line of dev, with other words.
  void more_rows(int count) const {
    std::ofstream out(demo() + "/more.jsonl");
    for (int i = 0; i < count; ++i)
      out << json{{"id", "m" + std::to_string(i)}, {"text", "cancel order " + std::to_string(i)}, {"label", "other"}}
          << '\n';
  }
  std::string with_more() const {
    return "data.train=[{path: " + demo() + "/output.jsonl, requests: " + demo() +
           "/requests.jsonl}, {path: " + demo() + "/more.jsonl}]";
  }

  TemporaryFolder folder_;
};

TEST_F(Nightly, ShipsThenDoesNothingThenGoesOnFromWhatIsShipped) {
  const ProcessResult first = night();
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_EQ(parsed(first)["decision"], "shipped");
  const std::string model = shipped() + "/current/model.nog";
  EXPECT_EQ(noggin_run({model, "--self-test"}).exit_code, 0);
  for (const char* name : {"summary.json", "metrics.prom", "junit.xml", "chat.txt", "certificate.json", "start.ckpt"})
    EXPECT_TRUE(fs::exists(shipped() + "/nights/0001/" + name)) << name;
  EXPECT_FALSE(fs::exists(shipped() + "/night"));
  EXPECT_THAT(text(folder_.file("noggin.prom")), HasSubstr("noggin_nightly_shipped{recipe=\"demo\"} 1\n"));

  const ProcessResult second = night();
  ASSERT_EQ(second.exit_code, 0) << second.errors;
  EXPECT_EQ(parsed(second)["decision"], "nothing new");
  EXPECT_THAT(text(folder_.file("noggin.prom")), HasSubstr("noggin_nightly_shipped{recipe=\"demo\"} 0\n"));
  EXPECT_FALSE(fs::exists(shipped() + "/nights/0002"));

  more_rows(40);
  const ProcessResult few = night({with_more(), "nightly.min_new_rows=41"});
  ASSERT_EQ(few.exit_code, 0) << few.errors;
  EXPECT_EQ(parsed(few)["decision"], "nothing new");
  EXPECT_THAT(parsed(few)["reason"].get<std::string>(), HasSubstr("40 new training rows"));

  const ProcessResult third = night({with_more()});
  ASSERT_EQ(third.exit_code, 0) << third.errors;
  const json summary = parsed(third);
  EXPECT_EQ(summary["decision"], "shipped");
  EXPECT_EQ(summary["rows"]["new"], 40);
  EXPECT_THAT(summary["notes"].dump(), HasSubstr("goes on from"));
  EXPECT_TRUE(summary.contains("verdict") && summary.contains("broken"));
  EXPECT_EQ(fs::read_symlink(shipped() + "/current"), "nights/0002");
  EXPECT_TRUE(fs::exists(shipped() + "/nights/0002/compare.json"));
}

TEST_F(Nightly, HoldsBackWhatGatesOrTheComparisonRefuse) {
  ASSERT_EQ(night().exit_code, 0);
  const std::string before = text(shipped() + "/current/model.nog");
  more_rows(5);
  const ProcessResult refused = night({with_more(), "compare.accept=[]"});
  ASSERT_EQ(refused.exit_code, 5) << refused.errors;
  EXPECT_EQ(parsed(refused)["decision"], "held back");
  EXPECT_THAT(parsed(refused)["reason"].get<std::string>(), HasSubstr("compared with the shipped model"));
  EXPECT_THAT(text(shipped() + "/nights/0002/junit.xml"), HasSubstr("failures=\"1\""));

  const ProcessResult gated = night({with_more(), "gates.min_quality=1"});
  ASSERT_EQ(gated.exit_code, 5) << gated.errors;
  EXPECT_TRUE(fs::exists(shipped() + "/nights/0003/model.rejected.nog"));
  EXPECT_FALSE(fs::exists(shipped() + "/nights/0003/model.nog"));
  EXPECT_EQ(text(shipped() + "/current/model.nog"), before);
  EXPECT_EQ(fs::read_symlink(shipped() + "/current"), "nights/0001");
}

// A night that was killed at any moment ends as one that was not.
TEST_F(Nightly, GoesOnAfterKills) {
  std::vector<std::string> again = words({});
  again.insert(again.begin(), {"/usr/bin/timeout", "-s", "KILL", "", NOGGIN_BIN_DIR "/noggin"});
  for (const char* seconds : {"0.5", "1.5", "3"}) {
    again[3] = seconds;
    run_process(again);
    EXPECT_FALSE(fs::exists(shipped() + "/nights/.0001.partial/summary.json") && fs::exists(shipped() + "/current"));
  }
  const ProcessResult last = night();
  ASSERT_EQ(last.exit_code, 0) << last.errors;
  EXPECT_EQ(noggin_run({shipped() + "/current/model.nog", "--self-test"}).exit_code, 0);
  const std::string model = text(shipped() + "/current/model.nog");
  fs::remove_all(shipped());
  ASSERT_EQ(night().exit_code, 0);
  EXPECT_EQ(text(shipped() + "/current/model.nog"), model);
}

TEST_F(Nightly, SaysWhatIsWrong) {
  EXPECT_EQ(noggin({"nightly", demo() + "/recipe.yaml"}).exit_code, 2);
  EXPECT_EQ(noggin({"nightly", demo() + "/missing.yaml", "--shipped", shipped()}).exit_code, 2);
  const ProcessResult misspelt = night({"nightly.kep=3"});
  EXPECT_EQ(misspelt.exit_code, 2);
  EXPECT_THAT(misspelt.errors, HasSubstr("nightly.keep"));
  EXPECT_FALSE(fs::exists(shipped()));
  const ProcessResult no_log = night({"data.train=[{path: " + demo() + "/gone.jsonl}]"});
  EXPECT_EQ(no_log.exit_code, 3);
  EXPECT_THAT(no_log.errors, HasSubstr("gone.jsonl"));
}

}  // namespace
}  // namespace noggin::test
