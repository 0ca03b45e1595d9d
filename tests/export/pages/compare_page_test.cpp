#include "export/pages/compare_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/html_check.h"
#include "tests/support/report_record.h"

namespace noggin::exporter {
namespace {

using testing::HasSubstr;
using testing::Not;

Json example() {
  const Json paired = {{"rows", 200}, {"both_right", 150}, {"both_wrong", 20}, {"mended", 20}, {"broken", 10}};
  Json slice = paired;
  slice.update(Json{{"dimension", "class"},
                    {"value", "refund"},
                    {"p", 0.01},
                    {"corrected_p", 0.04},
                    {"difference", test::interval_json(0.05, 0.01, 0.09)}});
  return {{"schema", kCompareSchema},
          {"verdict", "better"},
          {"because", "20 answers are mended and 10 broken"},
          {"task", "single_label"},
          {"rows", {{"files", {"dev.jsonl"}}, {"total", 210}, {"with_gold", 200}, {"rejected", 1}}},
          {"groups", nullptr},
          {"margin", 0.01},
          {"measures",
           {{{"name", "accuracy"},
             {"primary", true},
             {"better", "larger"},
             {"rows", 200},
             {"old", 0.8},
             {"new", 0.85},
             {"difference", test::interval_json(0.05, 0.01, 0.09)}}}},
          {"test", {{"by", "McNemar, mid-p"}, {"p", 0.07}, {"detectable_drop", 0.03}}},
          {"paired", paired},
          {"slices", {slice}},
          {"changes",
           {{"broken",
             {{{"row", 3},
               {"id", "id-3"},
               {"text", "broken text"},
               {"gold", "refund"},
               {"old", R"({"label":"refund","probability":0.9})"},
               {"new", R"({"label":"other","probability":0.8})"},
               {"certainty", 0.8}}}},
            {"mended", Json::array()}}},
          {"old", {{"path", "old.nog"}, {"bytes", 1000}}},
          {"new", {{"path", "new.nog"}, {"bytes", 900}}},
          {"a_later_figure", {{"of", 42}}}};
}

std::string page_of(const Json& comparison, const PageOptions& options) {
  auto page = compare_page(comparison, options);
  EXPECT_TRUE(page);
  return page ? *page : std::string();
}

TEST(ComparePage, ShowsVerdictTestsSlicesAndBothAnswersOfBrokenRows) {
  const std::string page = page_of(example(), {});
  test::expect_well_formed(page);
  test::expect_self_contained(page);
  for (const char* said :
       {"Verdict: better.", "20 answers are mended and 10 broken", "5.00 [1.00, 9.00]", "McNemar, mid-p", "broken text",
        "&quot;label&quot;:&quot;refund&quot;", "&quot;label&quot;:&quot;other&quot;",
        "n = 210, 200 with gold, 1 refused", "0.04", "a later figure", "42", "new.nog"})
    EXPECT_THAT(page, HasSubstr(said)) << said;
  EXPECT_THAT(page, Not(HasSubstr("Mended: ")));  // there are none
}

TEST(ComparePage, WithoutTextsQuotesNoRow) {
  Json comparison = example();
  EXPECT_THAT(page_of(comparison, {.texts = false}), Not(HasSubstr("broken text")));
  EXPECT_THAT(page_of(comparison, {.texts = false}), HasSubstr("id-3"));
  comparison["task"] = "edit";
  comparison["changes"]["broken"][0]["gold"] = "a quoted target";
  EXPECT_THAT(page_of(comparison, {.texts = false}), Not(HasSubstr("a quoted target")));
  EXPECT_THAT(page_of(comparison, {}), HasSubstr("a quoted target"));
}

TEST(ComparePage, HostileNamesStayText) {
  const std::string hostile = "</style><script>x</script>\u202e";
  Json comparison = example();
  for (const char* key : {"because", "task", "verdict"}) comparison[key] = hostile;
  comparison["changes"]["broken"][0]["text"] = hostile;
  comparison["slices"][0]["value"] = hostile;
  comparison[hostile] = {{hostile, hostile}};
  const std::string page = page_of(comparison, {});
  test::expect_well_formed(page);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
}

TEST(ComparePage, AnotherFileIsRefused) {
  for (const Json& odd : {Json(), Json::object(), Json{{"schema", "noggin-compare/9"}, {"verdict", "better"}},
                          Json{{"schema", kCompareSchema}}, Json{{"schema", 1}}}) {
    const auto page = compare_page(odd, {});
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(page.error().message, HasSubstr("Fix: "));
  }
}

}  // namespace
}  // namespace noggin::exporter
