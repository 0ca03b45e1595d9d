// `noggin report` on a real run, and what a run leaves by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cli_demo_run.h"
#include "tests/support/html_check.h"

namespace noggin {
namespace {

using nlohmann::json;
using test::noggin;
using testing::HasSubstr;
using testing::Not;

class Report : public test::DemoRun<Report> {
 public:
  static std::vector<std::string> options() { return {"train.tensorboard=true", "card.license=mit"}; }
};

TEST_F(Report, ARunWritesPageCardAndEvents) {
  const std::string page = test::read_text(out() + "/report.html");
  test::expect_well_formed(page);
  test::expect_self_contained(page);
  for (const char* part :
       {"data", "training", "results", "probabilities", "abstaining", "errors", "file", "proof", "missing"})
    EXPECT_THAT(page, HasSubstr(std::string("<section id=\"") + part + "\">")) << part;
  const json results = json::parse(test::read_text(out() + "/results.json"));
  EXPECT_THAT(page, HasSubstr(results["run"]["id"].get<std::string>()));
  const std::string card = test::read_text(out() + "/export/MODEL_CARD.md");
  EXPECT_THAT(card, HasSubstr("license: \"mit\""));
  EXPECT_THAT(card, HasSubstr("noggin-run model.nog --verify parity.jsonl"));
  EXPECT_GT(test::read_text(out() + "/tb/events.out.tfevents.noggin").size(), 500U);
}

TEST_F(Report, IsSkippedUntilSomethingChanges) {
  const std::string run = copy("skipped");
  EXPECT_THAT(noggin({"report", run}).errors, HasSubstr("report: unchanged, skipped"));
  const test::ProcessResult without = noggin({"report", run, "--without-texts"});
  EXPECT_EQ(without.exit_code, 0) << without.errors;
  EXPECT_THAT(without.errors, Not(HasSubstr("skipped")));
  const json results = json::parse(test::read_text(run + "/results.json"));
  const std::string worst = results["figures"]["confusions"]["worst"][0]["text"];
  EXPECT_THAT(test::read_text(out() + "/report.html"), HasSubstr(worst));
  EXPECT_THAT(test::read_text(run + "/report.html"), Not(HasSubstr(worst)));
}

TEST_F(Report, GoesWhereItIsTold) {
  const std::string page = folder_->file("page.html");
  const json result = json::parse(noggin({"report", out(), "--out", page, "--json"}).output);
  EXPECT_EQ(result["report"], page);
  test::expect_well_formed(test::read_text(page));
  EXPECT_EQ(noggin({"report", out(), "--out", page}).exit_code, 0);  // one of ours may be replaced
  const std::string other = folder_->write("notes.txt", "mine");
  const test::ProcessResult refused = noggin({"report", out(), "--out", other});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.errors, HasSubstr("Fix: "));
  EXPECT_EQ(test::read_text(other), "mine");
}

TEST_F(Report, SaysWhatIsMissingOrDamaged) {
  const std::string run = copy("damaged");
  test::TemporaryFolder empty;
  const auto expect_fault = [](const std::string& path, int code, const std::string& words) {
    const test::ProcessResult result = noggin({"report", path});
    EXPECT_EQ(result.exit_code, code) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(words));
  };
  expect_fault(empty.path(), 3, "run");
  expect_fault(empty.file("absent"), 3, "cannot be read");
  expect_fault(empty.write("a.json", "{\"schema\":"), 3, "no JSON object");
  expect_fault(empty.write("b.json", "{\"schema\": \"x\"}"), 3, "is not a comparison");
  const std::string results = run + "/results.json", whole = test::read_text(results);
  std::filesystem::remove(results);
  expect_fault(run, 3, "is not a finished run");
  std::ofstream(results) << whole.substr(0, whole.size() / 2);
  expect_fault(run, 3, "results.json: is no JSON object");
  EXPECT_EQ(noggin({"report"}).exit_code, 2);
  EXPECT_EQ(noggin({"report", run, "--without-text"}).exit_code, 2);  // misspelt
  EXPECT_EQ(noggin({"report", run, "name=x"}).exit_code, 2);
}

TEST_F(Report, OfAComparisonStandsBesideIt) {
  const std::string path = folder_->write(
      "comparison.json",
      R"({"schema": "noggin-compare/1", "verdict": "cannot tell", "because": "few rows", "task": "tag"})");
  EXPECT_EQ(noggin({"report", path}).exit_code, 0);
  const std::string page = test::read_text(folder_->file("comparison.html"));
  test::expect_well_formed(page);
  EXPECT_THAT(page, HasSubstr("Verdict: cannot tell."));
}

}  // namespace
}  // namespace noggin
