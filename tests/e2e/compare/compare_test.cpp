// `noggin compare` on models whose answers are known: what it says of rows that are mended and broken, of other
// classes, groups and fields, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cli_noggin.h"
#include "tests/support/keyword_model.h"

namespace noggin {
namespace {

using nlohmann::json;
using test::noggin;
using test::ProcessResult;
using test::read_text;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Compare : public testing::Test {
 protected:
  void SetUp() override {
    write("good.nog", {.labels = kLabels, .keywords = kWords, .none_class = 3});
    test::KeywordModel bad{.labels = kLabels, .keywords = kWords, .none_class = 3};
    bad.keywords.erase("invoice");  // answers "other" instead
    write("bad.nog", bad);
    rows_ = rows_of(400, [](std::size_t i) { return i; });
  }

  std::string write(const std::string& name, const test::KeywordModel& model) const {
    model.write(folder_.file(name));
    return folder_.file(name);
  }

  // Rows in turn of all classes; template number template_of(i).
  template <typename Template>
  std::string rows_of(std::size_t count, const Template& template_of) const {
    static constexpr const char* kTexts[] = {"money", "where", "bill", "qqq"};  // nothing else that a model knows
    std::string lines;
    for (std::size_t i = 0; i < count; ++i) {
      const auto t = template_of(i);
      lines += json({{"id", "r" + std::to_string(i)},
                     {"text", std::string(kTexts[t % 4]) + " " + std::to_string(i)},
                     {"label", kLabels[t % 4]},
                     {"template", t},
                     {"meta", {{"user", t % 4 == 0 ? "anna" : "ben"}}}})
                   .dump() +
               "\n";
    }
    return folder_.write("rows.jsonl", lines);
  }

  ProcessResult compare(const std::string& before, const std::string& after, std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"compare", folder_.file(before), folder_.file(after), "--data", rows_};
    words.insert(words.end(), more.begin(), more.end());
    return noggin(words);
  }
  json compared(const std::string& before, const std::string& after, std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    const ProcessResult result = compare(before, after, std::move(more));
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 5) << result.errors;
    json found = json::parse(result.output, nullptr, false);
    EXPECT_FALSE(found.is_discarded()) << result.output;
    EXPECT_EQ(result.exit_code == 0, found["accepted"] == true);
    return found;
  }

  static json measure(const json& comparison, const std::string& name) {
    for (const json& each : comparison["measures"]) {
      if (each["name"] == name) return each;
    }
    ADD_FAILURE() << "no " << name << " in " << comparison["measures"].dump();
    return {};
  }
  static json slice(const json& comparison, const std::string& dimension, const std::string& value) {
    for (const json& each : comparison["slices"]) {
      if (each["dimension"] == dimension && each["value"] == value) return each;
    }
    ADD_FAILURE() << "no " << dimension << " " << value;
    return {};
  }

  inline static const std::vector<std::string> kLabels = {"refund", "parcel", "invoice", "other"};
  inline static const std::map<std::string, std::string> kWords = {
      {"refund", "money"}, {"parcel", "where"}, {"invoice", "bill"}};
  test::TemporaryFolder folder_;
  std::string rows_;
};

TEST_F(Compare, AModelIsEquivalentToItself) {
  const std::string out = folder_.file("compare.json");
  const json c = compared("good.nog", "good.nog", {"--out", out});
  EXPECT_EQ(c["schema"], "noggin-compare/1");
  EXPECT_EQ(c["verdict"], "equivalent");
  EXPECT_EQ(c["same_file"], true);
  EXPECT_EQ(c["churn"]["changed"], 0);
  EXPECT_EQ(c["churn"]["same_bits"], 400);
  EXPECT_EQ(measure(c, "accuracy")["new"], 1.0) << "the rows are what the keywords say";
  json written = json::parse(read_text(out));
  for (const auto& [key, value] : written.items()) EXPECT_EQ(c[key], value) << key;
  EXPECT_EQ(written["changes"]["broken"].size(), 0);
  const ProcessResult again = compare("good.nog", "good.nog", {"--out", out});
  EXPECT_EQ(again.exit_code, 4);
  EXPECT_THAT(again.errors, HasSubstr("--force"));
  EXPECT_EQ(compare("good.nog", "good.nog", {"--out", out, "--force"}).exit_code, 0);
}

TEST_F(Compare, AWorseModelIsRefusedAndEachBrokenRowListed) {
  const json c = compared("good.nog", "bad.nog");
  EXPECT_EQ(c["verdict"], "worse");
  EXPECT_EQ(c["accepted"], false);
  EXPECT_EQ(c["paired"]["broken"], 100);
  EXPECT_EQ(c["paired"]["mended"], 0);
  EXPECT_EQ(measure(c, "accuracy")["difference"]["value"], -0.25);
  EXPECT_LT(c["paired"]["mid_p"], 1e-20);
  ASSERT_EQ(c["changes"]["broken"].size(), 100);
  const json row = c["changes"]["broken"][0];
  EXPECT_EQ(row["gold"], "invoice");
  EXPECT_EQ(row["old"]["label"], "invoice");
  EXPECT_EQ(row["new"]["label"], "other");
  EXPECT_GT(row["old"]["probability"], 0.5);
  EXPECT_EQ(slice(c, "class", "invoice")["broken"], 100);
  EXPECT_LT(slice(c, "class", "invoice")["corrected_p"], 0.001);
  EXPECT_GT(c["latency"]["old_us"], 0.0);
  EXPECT_EQ(c["latency"]["texts"], 400);
  EXPECT_GT(c["old"]["memory_bytes"], c["old"]["bytes"]);
  const ProcessResult text = compare("good.nog", "bad.nog");
  EXPECT_EQ(text.exit_code, 5);
  EXPECT_THAT(text.output, HasSubstr("worse: accuracy is 25.00 points lower"));
  EXPECT_THAT(text.output, HasSubstr("10 of 100 broken rows"));
  EXPECT_EQ(compared("bad.nog", "good.nog")["verdict"], "better");
}

TEST_F(Compare, TheRecipeSaysWhichVerdictsAreAccepted) {
  const std::string recipe = folder_.file("task");
  ASSERT_EQ(noggin({"init", "--demo", recipe}).exit_code, 0);
  const std::vector<std::string> options = {"--recipe", recipe + "/recipe.yaml", "compare.accept=[worse]",
                                            "compare.margin=0.3"};
  EXPECT_EQ(compare("good.nog", "bad.nog", options).exit_code, 5) << "equivalent at 30 points, which is not accepted";
  std::vector<std::string> narrow = options;
  narrow.insert(narrow.end(), {"--margin", "0.01"});
  EXPECT_EQ(compare("good.nog", "bad.nog", narrow).exit_code, 0);
  const ProcessResult misspelt =
      compare("good.nog", "bad.nog", {"--recipe", recipe + "/recipe.yaml", "compare.margn=1"});
  EXPECT_EQ(misspelt.exit_code, 2);
  EXPECT_THAT(misspelt.errors, HasSubstr("compare.margin"));
}

TEST_F(Compare, ClassesAreTheirNamesNotTheirNumbers) {
  write("turned.nog", {.labels = {"other", "invoice", "parcel", "refund"}, .keywords = kWords, .none_class = 0});
  const json c = compared("good.nog", "turned.nog");
  EXPECT_EQ(c["labels"]["reordered"], true);
  EXPECT_EQ(c["churn"]["changed"], 0);
  EXPECT_EQ(c["churn"]["same_bits"], 400) << "the logits of each class are the same";
  EXPECT_EQ(c["same_file"], false);
  EXPECT_EQ(c["verdict"], "equivalent");
}

TEST_F(Compare, ClassesMayComeAndGo) {
  std::map<std::string, std::string> words = kWords;
  words["voucher"] = "voucher";
  words.erase("invoice");
  write("newer.nog", {.labels = {"refund", "parcel", "voucher", "other"}, .keywords = words, .none_class = 3});
  std::string lines = read_text(rows_);
  for (int i = 0; i < 100; ++i) {
    lines += json({{"text", "voucher " + std::to_string(i)}, {"label", "voucher"}}).dump() + "\n";
  }
  lines += R"({"text": "who", "label": "neither knows"})"
           "\n";
  rows_ = folder_.write("more.jsonl", lines);
  const ProcessResult text = compare("good.nog", "newer.nog");
  EXPECT_THAT(text.errors, HasSubstr("100 rows have the gold \"voucher\", which the old model cannot answer"));
  EXPECT_THAT(text.errors, HasSubstr("1 of 501 lines"));
  const json c = compared("good.nog", "newer.nog");
  EXPECT_THAT(c["labels"]["added"], ElementsAre("voucher"));
  EXPECT_THAT(c["labels"]["gone"], ElementsAre("invoice"));
  EXPECT_EQ(c["labels"]["unknown_to_old"]["voucher"], 100);
  EXPECT_EQ(c["labels"]["unknown_to_new"]["invoice"], 100);
  EXPECT_EQ(c["rows"]["rejected"], 1);
  EXPECT_EQ(c["paired"]["mended"], 100);
  EXPECT_EQ(c["paired"]["broken"], 100);
  EXPECT_EQ(c["verdict"], "cannot tell");
}

TEST_F(Compare, RowsOfAGroupAreResampledTogether) {
  rows_ = rows_of(400, [](std::size_t i) { return i / 50; });  // eight templates, two of them of "invoice"
  const json alone = compared("good.nog", "bad.nog"),
             grouped = compared("good.nog", "bad.nog", {"--group", "template"});
  EXPECT_EQ(alone["verdict"], "worse");
  EXPECT_EQ(grouped["verdict"], "cannot tell") << "two templates";
  EXPECT_EQ(grouped["groups"]["count"], 8);
  EXPECT_EQ(grouped["groups"]["field"], "template");
  const auto width = [](const json& c) {
    const json d = measure(c, "accuracy")["difference"];
    return d["high"].get<double>() - d["low"].get<double>();
  };
  EXPECT_GT(width(grouped), 3.0 * width(alone));
  EXPECT_THAT(grouped["test"]["by"], HasSubstr("groups"));
}

TEST_F(Compare, AnyFieldOfTheRowsIsASlice) {
  const json c = compared("good.nog", "bad.nog", {"--by", "meta.user", "--by", "template"});
  EXPECT_EQ(slice(c, "field:meta.user", "anna")["broken"], 0);
  EXPECT_EQ(slice(c, "field:meta.user", "ben")["broken"], 100);
  EXPECT_EQ(slice(c, "field:template", "(400 other values)")["rows"], 400);
  const ProcessResult misspelt = compare("good.nog", "bad.nog", {"--by", "tmplate"});
  EXPECT_EQ(misspelt.exit_code, 2);
  EXPECT_THAT(misspelt.errors, HasSubstr("the nearest is \"template\""));
}

TEST_F(Compare, HostileValuesReachNoTerminal) {
  rows_ = folder_.write(
      "rows.jsonl", R"({"text": "send a bill <script>alert(1)</script>", "label": "invoice", "by": "\u001b[2J\n# x"})"
                    "\n"
                    R"({"text": "a bill\u001b[31m", "label": "invoice", "by": {"a": ["<b>", 1]}})"
                    "\n"
                    R"({"text": "a bill cut)");
  const ProcessResult text = compare("good.nog", "bad.nog", {"--by", "by"});
  EXPECT_EQ(text.exit_code, 5) << text.errors;
  EXPECT_THAT(text.output, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text.output, Not(HasSubstr("\n# x")));
  const json c = compared("good.nog", "bad.nog", {"--by", "by"});
  EXPECT_EQ(c["rows"]["total"], 2);
  EXPECT_EQ(c["rows"]["rejected"], 1);
  EXPECT_EQ(slice(c, "field:by", "{\"a\":[\"<b>\",1]}")["broken"], 1);
}

TEST_F(Compare, RowsWithoutGoldAreJudgedByTheTeacher) {
  std::string lines;
  for (int i = 0; i < 20; ++i) {
    lines += json({{"text", "bill " + std::to_string(i)}, {"probs", {{"invoice", 0.9}, {"other", 0.1}}}}).dump() + "\n";
  }
  rows_ = folder_.write("rows.jsonl", lines);
  const json c = compared("good.nog", "bad.nog");
  EXPECT_EQ(c["verdict"], "cannot tell");
  EXPECT_THAT(c["because"], HasSubstr("no row has a gold answer"));
  EXPECT_EQ(c["teacher"]["rows"], 20) << c.dump();
  EXPECT_EQ(c["teacher"]["from_teacher"], 20);
  EXPECT_EQ(c["changes"]["unknown"].size(), 20);
}

TEST_F(Compare, WhatCannotBeComparedSaysWhyAndEndsWithItsCode) {
  const std::string good = folder_.file("good.nog"), empty = folder_.write("empty.jsonl", "");
  write("several.nog", {.labels = kLabels, .keywords = kWords, .kind = spec::TaskKind::kMultiLabel});
  struct Wrong {
    std::vector<std::string> words;
    int exit_code;
    const char* message;
  };
  const std::vector<Wrong> wrongs = {
      {{good, folder_.file("several.nog"), "--data", rows_}, 3, "the old model answers a single_label task"},
      {{good, good, "--data", empty}, 3, "empty.jsonl"},
      {{good, good, "--data", folder_.file("missing.jsonl")}, 3, "missing.jsonl"},
      {{good, folder_.file("missing.nog"), "--data", rows_}, 3, "missing.nog"},
      {{good, rows_, "--data", rows_}, 3, "rows.jsonl"},
      {{good, good}, 2, "--data"},
      {{good, "--data", rows_}, 2, "needs two"},
      {{good, good, "--data", rows_, "--margin", "one"}, 2, "--margin"},
      {{good, good, "--data", rows_, "--margin", "-0.1"}, 2, "--margin"},
      {{good, good, "--data", rows_, "--grup", "x"}, 2, "--group"},
      {{good, good, "--data", rows_, "--split", "test"}, 2, "--split"},
      {{good, good, "--data", rows_, "a.b=c"}, 2, "a.b=c"},
      {{good, good, "--data", rows_, "--group", "nothing"}, 2, "no row of"},
      {{good, good, "--data", rows_, "--recipe", folder_.file("none.yaml")}, 2, "none.yaml"},
      {{good, good, "--data", rows_, "--out", folder_.file("no/folder.json")}, 4, "is not a folder"},
      {{good, good, "--data", folder_.path()}, 3, "holds no shards"},
      {{"--run", folder_.path(), folder_.path()}, 3, "is not a run directory"},
  };
  for (const Wrong& wrong : wrongs) {
    std::vector<std::string> words = {"compare"};
    words.insert(words.end(), wrong.words.begin(), wrong.words.end());
    const ProcessResult result = noggin(words);
    EXPECT_EQ(result.exit_code, wrong.exit_code) << testing::PrintToString(words) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(wrong.message));
    EXPECT_EQ(result.output, "");
  }
}

TEST_F(Compare, OtherKindsOfTask) {
  const spec::TaskKind several = spec::TaskKind::kMultiLabel, number = spec::TaskKind::kScore;
  const std::vector<std::string> labels = {"refund", "parcel", "invoice"};
  write("old.nog", {.labels = labels, .keywords = kWords, .kind = several});
  std::map<std::string, std::string> fewer = kWords;
  fewer.erase("parcel");
  write("new.nog", {.labels = {"invoice", "parcel", "refund"}, .keywords = fewer, .kind = several});
  std::string lines;
  for (int i = 0; i < 60; ++i) {
    lines += json({{"text", "money where bill " + std::to_string(i)}, {"labels", labels}}).dump() + "\n";
  }
  rows_ = folder_.write("several.jsonl", lines);
  const json c = compared("old.nog", "new.nog");
  EXPECT_EQ(c["verdict"], "worse") << c.dump();
  EXPECT_EQ(c["measures"][0]["name"], "micro F1");
  EXPECT_EQ(measure(c, "whole answer right")["new"], 0.0);
  EXPECT_EQ(slice(c, "class", "parcel")["broken"], 60);

  write("yes.nog", {.labels = {"urgent"}, .keywords = {{"urgent", "now"}}, .kind = number});
  write("no.nog", {.labels = {"hurry"}, .keywords = {{"hurry", "never"}}, .kind = number});
  lines.clear();
  for (int i = 0; i < 60; ++i) {
    lines +=
        json({{"text", (i % 2 == 0 ? "now " : "qqq ") + std::to_string(i)}, {"score", i % 2 == 0 ? 0.9 : 0.1}}).dump() +
        "\n";
  }
  rows_ = folder_.write("scores.jsonl", lines);
  const json s = compared("yes.nog", "no.nog");
  EXPECT_EQ(s["measures"][0]["name"], "yes/no accuracy");
  EXPECT_EQ(measure(s, "yes/no accuracy")["old"], 1.0);
  EXPECT_EQ(s["paired"]["broken"], 30);
}

TEST_F(Compare, CoverageIsThatOfEachFilesOwnThreshold) {
  write("careful.nog",
        {.labels = kLabels, .keywords = kWords, .none_class = 3, .abstain_below = 0.99F, .temperature = 9.0F});
  const json c = compared("good.nog", "careful.nog");
  EXPECT_EQ(measure(c, "coverage at the stored threshold")["old"], 1.0);
  EXPECT_EQ(measure(c, "coverage at the stored threshold")["new"], 0.0);
  EXPECT_EQ(measure(c, "accuracy")["new"], 1.0);
  EXPECT_EQ(c["paired"]["changed_alike"], 400);
  EXPECT_NEAR(c["new"]["abstain_below"].get<double>(), 0.99, 1e-6);
}

TEST_F(Compare, TellsHowManyRowsAVerdictNeeds) {
  const ProcessResult text = noggin({"compare", "--rows-needed", "--margin", "0.02"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.output, HasSubstr("margin of 2.00 points"));
  const json table = json::parse(noggin({"compare", "--rows-needed", "--json"}).output);
  EXPECT_EQ(table["rows_needed"].size(), 6);
  EXPECT_EQ(table["margin"], 0.01);
  EXPECT_EQ(noggin({"compare", "--rows-needed", "--margin", "0"}).exit_code, 2);
}

}  // namespace
}  // namespace noggin
