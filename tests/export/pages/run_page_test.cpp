#include "export/pages/run_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/html_check.h"
#include "tests/support/report_record.h"

namespace noggin::exporter {
namespace {

using test::made_up_run;
using testing::HasSubstr;
using testing::Not;

std::string checked_page(const RunRecord& run, const PageOptions& options = {}) {
  const std::string page = run_page(run, options);
  test::expect_well_formed(page);
  test::expect_self_contained(page);
  EXPECT_THAT(page, Not(HasSubstr("nan")));
  return page;
}

TEST(RunPage, ShowsEachPartOfARun) {
  const std::string page = checked_page(made_up_run());
  for (const char* part : {"data", "teacher", "training", "results", "probabilities", "abstaining", "errors", "file",
                           "proof", "missing", "environment"})
    EXPECT_THAT(page, HasSubstr(std::string("<section id=\"") + part + "\">")) << part;
  for (const char* said :
       {"Texts of rows are private.", "All gates passed.", "the text is empty", "dev shares texts with train",
        "90.00 [84.00, 95.00]", "the worst text", "flipped text", "equal to the last bit", "stored threshold 0.4321",
        "it answers 80 of 100 texts (80.00 %)", "not run", "no GPU", "the student is not clearly better",
        "n = 100 rows of dev", "00ff00ff00ff00ff", "2 of 100 measured rows have no gold", "ONNX Runtime"})
    EXPECT_THAT(page, HasSubstr(said)) << said;
}

TEST(RunPage, WithoutTextsQuotesNoRow) {
  RunRecord run = made_up_run();
  const std::string page = checked_page(run, {.texts = false});
  EXPECT_THAT(page, Not(HasSubstr("the worst text")));
  EXPECT_THAT(page, Not(HasSubstr("flipped text")));
  EXPECT_THAT(page, HasSubstr("--without-texts"));
  EXPECT_THAT(page, HasSubstr("id-1"));
  // The answers of a task that writes texts are texts of rows.
  run.measured.answers_quote_texts = true;
  run.measured.worst[0].gold = "a quoted target";
  EXPECT_THAT(checked_page(run), HasSubstr("a quoted target"));
  EXPECT_THAT(checked_page(run, {.texts = false}), Not(HasSubstr("a quoted target")));
}

TEST(RunPage, HostileNamesAndTextsStayText) {
  const std::string hostile = "</style><script>alert(\"1\")</script><img src='x' onerror=x>\x1b[2J\u202egnp.exe";
  RunRecord run = made_up_run(hostile);
  run.name = hostile;
  run.measured.worst[0].text = hostile;
  run.results["warnings"] = {hostile};
  run.certificate["gates"][0]["detail"] = hostile;
  run.environment[hostile] = hostile;
  run.ingest["splits"][0]["rejected_by_reason"][hostile] = 3;
  run.metrics[0]["phase"] = hostile;
  const std::string page = run_page(run, {});
  test::expect_well_formed(page);
  for (const char* forbidden : {"<script", "<img", "\x1b", "\u202e"}) EXPECT_THAT(page, Not(HasSubstr(forbidden)));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&quot;1&quot;)"));
  EXPECT_THAT(page, HasSubstr("\\u202egnp.exe"));
}

TEST(RunPage, WhatDoesNotApplyIsLeftOut) {
  RunRecord run = made_up_run();
  run.task = "tag";
  run.measured = {};
  run.measured.rows = 100;
  run.cascade = nullptr;
  run.results["figures"] = Json{
      {"types",
       {{"NAME", {{"gold", 5.0}, {"recall", test::interval_json(1, 1, 1)}, {"f1", test::interval_json(0.5, 0, 1)}}}}},
      {"errors", {{"texts", 9}, {"types", {{{"type", "NAME"}, {"missed", 3}}}}}}};
  for (Json& split : run.ingest["splits"]) {
    split["teacher_with_gold"] = 0;
    split["classes"] = Json::object();
  }
  const std::string page = checked_page(run);
  for (const char* part : {"teacher", "probabilities", "abstaining", "errors"})
    EXPECT_THAT(page, Not(HasSubstr(std::string("<section id=\"") + part + "\">"))) << part;
  EXPECT_THAT(page, HasSubstr("<section id=\"figures\">"));
  EXPECT_THAT(page, HasSubstr("NAME"));
  EXPECT_THAT(page, HasSubstr("100.00 [100.00, 100.00]"));
  EXPECT_THAT(page, HasSubstr("reliability of probabilities: not measured"));
}

TEST(RunPage, AFailedGateAndAStaleResultStandAtTheTop) {
  RunRecord run = made_up_run();
  run.certificate["gates"][0]["passed"] = false;
  run.file.name = "model.rejected.nog";
  run.file.rejected = true;
  run.results["stale"] = {{"since", "2026"}, {"why", "another model has been exported since"}};
  const std::string page = checked_page(run);
  EXPECT_THAT(page, HasSubstr("It may not ship."));
  EXPECT_THAT(page, Not(HasSubstr("All gates passed.")));
  EXPECT_LT(page.find("another model has been exported since"), page.find("<nav>"));
}

// Files of another version, or edited ones: less on the page, nothing worse.
TEST(RunPage, OddJsonIsNoFault) {
  RunRecord run = made_up_run();
  run.results = Json{{"targets", 3}, {"phases", "x"}, {"run", nullptr}, {"warnings", {{"a", 1}}}, {"figures", {1, 2}}};
  run.certificate = Json{{"targets", {{"ran", "yes"}}}, {"gates", {4, "x", nullptr}}, {"subject", 1}};
  run.ingest = Json{{"splits", {nullptr, 5, {{"classes", 3}, {"accepted", -4}, {"rejected_by_reason", {1}}}}}};
  run.environment = nullptr;
  run.metrics = {Json{{"phase_index", "x"}}, Json{{"phase_index", 0}, {"step", -1}, {"loss", "x"}}};
  checked_page(run);
  checked_page({});
}

}  // namespace
}  // namespace noggin::exporter
