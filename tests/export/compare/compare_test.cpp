// A whole comparison from answers: verdicts, what counts as mended and broken, groups, slices, and what each kind of
// task measures.
#include "export/compare/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/tokenizer_tiny.h"

namespace noggin::exporter {
namespace {

using runtime::ClassAnswer;
using spec::TaskKind;
using testing::HasSubstr;
using testing::Not;

// Rows of a task with the answers of both models.
struct Case {
  explicit Case(TaskKind kind, std::vector<std::string> labels = {"bill", "pin", "other"}, std::int32_t none = -1) {
    format::TaskContents task{std::move(labels), none};
    task.kind = kind;
    auto made = train::TaskReader::create(task, tests::tiny_tokenizer(60), 16);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    reader = *std::move(made);
    rows.task = kind;
    rows.classes = static_cast<std::uint32_t>(reader->task().labels.size());
    rows.top_k = 1;
  }

  void add(const data::Record& record, train::Prediction old_answer, train::Prediction new_answer) {
    static constexpr std::uint32_t kTokens[] = {2, 5, 3};
    rows.append(record, kTokens);
    bits(before, old_answer);
    bits(after, new_answer);
  }
  // So many rows of single_label.
  void add(std::size_t count, std::int32_t gold, std::uint32_t old_class, std::uint32_t new_class) {
    for (std::size_t i = 0; i < count; ++i) {
      data::Record record;
      record.text = "where is my parcel";
      record.label = gold;
      add(record, ClassAnswer{old_class, 0.8F}, ClassAnswer{new_class, 0.9F});
    }
  }

  Comparison compared(double margin = 0.01) const {
    return compare({.reader = *reader,
                    .rows = rows,
                    .before = before,
                    .after = after,
                    .facts = facts,
                    .groups = groups,
                    .group_field = groups.empty() ? "" : "template",
                    .margin = margin,
                    .same_file = same_file,
                    .resamples = 500});
  }

  std::unique_ptr<const train::TaskReader> reader;
  data::ExampleTable rows;
  ModelAnswers before, after;
  RowFacts facts;
  std::vector<std::uint32_t> groups;
  bool same_file = false;

 private:
  static void bits(ModelAnswers& model, const train::Prediction& answer) {
    model.bits.push_back(std::holds_alternative<ClassAnswer>(answer) ? std::get<ClassAnswer>(answer).label : 0);
    model.predictions.push_back(answer);
  }
};

const MeasureDifference& measure(const Comparison& c, const std::string& name) {
  for (const MeasureDifference& each : c.measures) {
    if (each.name == name) return each;
  }
  ADD_FAILURE() << "no measure " << name;
  return c.measures.at(0);
}

const SliceDifference* slice(const Comparison& c, const std::string& dimension, const std::string& value) {
  for (const SliceDifference& each : c.slices) {
    if (each.dimension == dimension && each.value == value) return &each;
  }
  ADD_FAILURE() << "no slice " << dimension << " " << value;
  return nullptr;
}

TEST(Verdict, WorseNamesWhatWasBroken) {
  Case rows(TaskKind::kSingleLabel);
  rows.add(450, 0, 0, 0);
  rows.add(40, 0, 0, 1);  // broken
  rows.add(10, 1, 0, 1);  // mended
  rows.add(5, 2, 0, 1);   // changed, wrong as before
  const Comparison c = rows.compared();
  EXPECT_EQ(c.verdict, Verdict::kWorse);
  EXPECT_EQ(c.paired.discordant, (Discordant{10, 40}));
  EXPECT_EQ(c.paired.changed_alike, 5);
  EXPECT_EQ(c.changed, 55);
  EXPECT_EQ(c.same_bits, 450);
  EXPECT_NEAR(c.measures[0].difference.value, -30.0 / 505, 1e-12);
  EXPECT_THAT(c.because, HasSubstr("accuracy is 5.94 points lower"));
  EXPECT_THAT(c.because, HasSubstr("10 mended, 40 broken"));
  ASSERT_EQ(c.changes.size(), 55);
  EXPECT_EQ(c.changes[0].kind, ChangedRow::Kind::kBroken);
  EXPECT_EQ(c.changes[0].gold, "bill");
  EXPECT_THAT(c.changes[0].after_json, HasSubstr("\"label\":\"pin\",\"probability\":0.899999976}"));
}

TEST(Verdict, BetterIsTheMirror) {
  Case rows(TaskKind::kSingleLabel);
  rows.add(450, 0, 0, 0);
  rows.add(40, 0, 1, 0);
  rows.add(10, 1, 1, 0);
  const Comparison c = rows.compared();
  EXPECT_EQ(c.verdict, Verdict::kBetter);
  EXPECT_GT(c.measures[0].difference.low, 0.0);
  EXPECT_THAT(to_text(c), HasSubstr("10 of 10 broken rows"));
}

TEST(Verdict, EquivalentNeedsEnoughRows) {
  Case few(TaskKind::kSingleLabel), many(TaskKind::kSingleLabel);
  few.add(100, 0, 0, 0);
  many.add(400, 0, 0, 0);
  EXPECT_EQ(few.compared().verdict, Verdict::kCannotTell);
  EXPECT_EQ(many.compared().verdict, Verdict::kEquivalent);
  EXPECT_EQ(few.compared(0.05).verdict, Verdict::kEquivalent);  // a wider margin needs fewer
  EXPECT_GT(few.compared().detectable, 0.02);
  few.same_file = true;
  EXPECT_EQ(few.compared().verdict, Verdict::kEquivalent);
  EXPECT_THAT(few.compared().because, HasSubstr("byte for byte"));
}

TEST(Verdict, ASmallDropWithinTheMarginIsEquivalentThoughItIsThere) {
  Case rows(TaskKind::kSingleLabel);
  rows.add(2000, 0, 0, 0);
  rows.add(8, 0, 0, 1);
  const Comparison c = rows.compared();
  EXPECT_EQ(c.verdict, Verdict::kEquivalent);
  EXPECT_THAT(c.because, HasSubstr("though there is a difference (p 0.004)"));
}

TEST(Verdict, WithoutGoldNobodyCanTell) {
  Case rows(TaskKind::kSingleLabel);
  rows.add(50, data::kNoLabel, 0, 1);
  const Comparison c = rows.compared();
  EXPECT_EQ(c.verdict, Verdict::kCannotTell);
  EXPECT_THAT(c.because, HasSubstr("no row has a gold answer"));
  EXPECT_EQ(c.teacher.unanswered_changed, 50);
  EXPECT_NO_THROW((void)to_json(c).dump());
  EXPECT_THAT(to_text(c), HasSubstr("50 changed"));
}

// The same answers, by rows and by templates of 20 that move as one.
TEST(Groups, AreTheUnitsOfEveryTest) {
  Case rows(TaskKind::kSingleLabel);
  rows.add(380, 0, 0, 0);
  rows.add(20, 0, 0, 1);
  const Comparison alone = rows.compared();
  for (std::uint32_t row = 0; row < 400; ++row) rows.groups.push_back(row / 20);
  const Comparison grouped = rows.compared();
  EXPECT_EQ(alone.verdict, Verdict::kWorse);
  EXPECT_EQ(grouped.verdict, Verdict::kCannotTell) << "one template of twenty has changed";
  EXPECT_NEAR(grouped.primary_p, 0.5, 1e-12);  // one group: mid-p of a single coin
  EXPECT_EQ(grouped.groups, 20);
  const auto width = [](const Comparison& c) { return c.measures[0].difference.high - c.measures[0].difference.low; };
  EXPECT_GT(width(grouped), 1.5 * width(alone));
  EXPECT_THAT(grouped.because, HasSubstr("400 rows in 20 groups"));
  EXPECT_FALSE(grouped.equivalence);  // the interval is the test
}

TEST(Groups, FewOfThemAreNoProofOfEquivalence) {
  Case rows(TaskKind::kSingleLabel);
  rows.add(4000, 0, 0, 0);
  for (std::uint32_t row = 0; row < 4000; ++row) rows.groups.push_back(row / 40);
  EXPECT_EQ(rows.compared(0.01).verdict, Verdict::kCannotTell) << "100 groups, 299 are needed";
  EXPECT_EQ(rows.compared(0.05).verdict, Verdict::kEquivalent);
}

TEST(Slices, AreCorrectedForBeingSeveral) {
  Case rows(TaskKind::kSingleLabel);
  rows.add(200, 0, 0, 0);
  rows.add(30, 1, 1, 0);  // all of "pin" breaks
  rows.add(1, 2, 0, 2);
  std::vector<std::string> values;
  for (std::size_t row = 0; row < rows.rows.rows(); ++row) values.push_back(row % 2 == 0 ? "even" : "odd");
  rows.facts.fields = {{"parity", values}};
  rows.facts.tokens.assign(rows.rows.rows(), 7);
  const Comparison c = rows.compared();
  const SliceDifference* pin = slice(c, "class", "pin");
  EXPECT_EQ(pin->paired.discordant, (Discordant{0, 30}));
  EXPECT_EQ(pin->difference.value, -1.0);
  EXPECT_LT(pin->corrected_p, 0.001);
  EXPECT_GT(pin->corrected_p, pin->p);
  EXPECT_EQ(slice(c, "class", "bill")->corrected_p, 1.0);
  EXPECT_EQ(slice(c, "field:parity", "odd")->paired.rows, 115);
  EXPECT_EQ(slice(c, "length", "5-8 tokens")->paired.rows, 231);
  EXPECT_THAT(to_text(c), HasSubstr("class: pin"));
}

TEST(Slices, RareValuesAreOneSlice) {
  Case rows(TaskKind::kSingleLabel);
  rows.add(500, 0, 0, 0);
  std::vector<std::string> values;
  for (int row = 0; row < 500; ++row) values.push_back(row < 100 ? "often" : std::to_string(row));
  rows.facts.fields = {{"user", values}};
  const Comparison c = rows.compared();
  EXPECT_EQ(slice(c, "field:user", "often")->paired.rows, 100);
  EXPECT_EQ(slice(c, "field:user", "(400 other values)")->paired.rows, 400);
}

TEST(Teacher, StandsInWhereThereIsNoGold) {
  Case rows(TaskKind::kSingleLabel);
  data::Record record;
  record.text = "where";
  record.teacher = {{1}, {0.95F}};
  rows.add(record, ClassAnswer{0, 0.5F}, ClassAnswer{1, 0.5F});        // now agrees
  rows.add(record, ClassAnswer{1, 0.5F}, ClassAnswer{0, 0.5F});        // no longer
  rows.add(record, ClassAnswer{0, 0.5F}, ClassAnswer{2, 0.5F});        // neither
  rows.add(record, ClassAnswer{1, 0.5F}, ClassAnswer{1, 0.5F, true});  // abstains with what the teacher says
  const Comparison c = rows.compared();
  EXPECT_EQ(c.teacher.rows, 4);
  EXPECT_EQ(c.teacher.to_teacher, 1);
  EXPECT_EQ(c.teacher.from_teacher, 1);
  EXPECT_EQ(c.teacher.other, 2);
  EXPECT_EQ(slice(c, "teacher's confidence", "0.9 to 0.99")->changed, 4);
}

TEST(Measures, OfClassesKnowScopeCoverageAndCalibration) {
  Case rows(TaskKind::kSingleLabel, {"bill", "pin", "other"}, 2);
  rows.add(100, 0, 0, 0);
  rows.add(20, 2, 0, 2);
  rows.after.predictions[0] = ClassAnswer{0, 0.2F, true};
  const Comparison c = rows.compared();
  EXPECT_EQ(measure(c, "out-of-scope recall").before, 0.0);
  EXPECT_EQ(measure(c, "out-of-scope recall").after, 1.0);
  EXPECT_EQ(measure(c, "out-of-scope recall").rows, 20);
  EXPECT_EQ(measure(c, "in-scope accuracy").difference.value, 0.0);
  EXPECT_NEAR(measure(c, "coverage at the stored threshold").after, 119.0 / 120, 1e-12);
  EXPECT_TRUE(measure(c, "coverage at the stored threshold").neither_is_better);
  EXPECT_NEAR(measure(c, "macro F1").after, 1.0, 1e-12);
  EXPECT_NEAR(measure(c, "calibration error").before, 1.0 / 30, 1e-6);  // right 100 of 120, stated 0.8
  EXPECT_TRUE(measure(c, "calibration error").smaller_is_better);
}

TEST(Measures, OfSeveralLabels) {
  Case rows(TaskKind::kMultiLabel);
  data::Record record;
  record.text = "a";
  record.gold_values = {1.0F, 1.0F, 0.0F};
  for (int i = 0; i < 30; ++i) {
    rows.add(record, runtime::LabelSetAnswer{{{0, 0.9F}}}, runtime::LabelSetAnswer{{{0, 0.9F}, {1, 0.7F}}});
    for (const float p : {0.9F, 0.2F, 0.1F}) rows.before.probabilities.push_back(p);
    for (const float p : {0.9F, 0.7F, 0.1F}) rows.after.probabilities.push_back(p);
  }
  const Comparison c = rows.compared();
  EXPECT_EQ(c.measures[0].name, "micro F1");
  EXPECT_NEAR(c.measures[0].before, 2.0 / 3, 1e-12);
  EXPECT_NEAR(c.measures[0].after, 1.0, 1e-12);
  EXPECT_EQ(c.verdict, Verdict::kBetter);
  EXPECT_EQ(measure(c, "whole answer right").after, 1.0);
  EXPECT_NEAR(measure(c, "macro F1 over labels").before, 0.5, 1e-12);  // "bill" 1, "pin" 0, "other" never occurs
  EXPECT_NEAR(measure(c, "macro F1 over labels").after, 1.0, 1e-12);
  EXPECT_NEAR(measure(c, "mean absolute error").before, 1.0 / 3, 1e-6);
  EXPECT_EQ(slice(c, "class", "pin")->paired.discordant.mended, 30);
}

TEST(Measures, OfScores) {
  Case rows(TaskKind::kScore, {"toxic"});
  data::Record record;
  record.text = "a";
  record.gold_values = {1.0F};
  for (int i = 0; i < 40; ++i) {
    rows.add(record, runtime::ScoreAnswer{0.9F, true}, runtime::ScoreAnswer{0.4F, false});
    rows.before.probabilities.push_back(0.9F);
    rows.after.probabilities.push_back(0.4F);
  }
  const Comparison c = rows.compared();
  EXPECT_EQ(c.measures[0].name, "yes/no accuracy");
  EXPECT_EQ(c.verdict, Verdict::kWorse);
  EXPECT_NEAR(measure(c, "mean absolute error").difference.value, 0.5, 1e-6);
  EXPECT_EQ(slice(c, "class", "yes")->paired.discordant.broken, 40);
}

TEST(Measures, OfSpansAndEdits) {
  Case tags(TaskKind::kTag, {"O", "B-name", "I-name"});
  data::Record record;
  record.text = "ann and bob";
  record.has_spans = true;
  record.spans = {{0, 3, 0}, {8, 11, 0}};
  const runtime::SpanAnswer both{{{{0, 3}, 0, 0.9F}, {{8, 11}, 0, 0.8F}}}, one{{{{0, 3}, 0, 0.9F}}};
  for (int i = 0; i < 30; ++i) tags.add(record, both, one);
  const Comparison c = tags.compared();
  EXPECT_EQ(c.measures[0].name, "span F1");
  EXPECT_NEAR(c.measures[0].after, 2.0 / 3, 1e-12);
  EXPECT_EQ(c.verdict, Verdict::kWorse);
  EXPECT_EQ(measure(c, "macro F1 over types").before, 1.0);
  EXPECT_EQ(slice(c, "class", "name")->paired.discordant.broken, 30);
  EXPECT_THAT(c.changes[0].after_json, HasSubstr("\"type\":\"name\""));

  Case edits(TaskKind::kEdit, {"keep", "delete"});
  record.spans = {};
  record.text = "uh the map";
  record.target = "the map";
  for (int i = 0; i < 30; ++i) edits.add(record, runtime::SpanAnswer{}, runtime::SpanAnswer{{{{0, 2}, 0, 0.9F}}});
  const Comparison e = edits.compared();
  EXPECT_EQ(e.measures[0].name, "exact match");
  EXPECT_EQ(e.verdict, Verdict::kBetter);
  EXPECT_NEAR(measure(e, "word error rate").before, 0.5, 1e-12);
  EXPECT_EQ(e.changes[0].after, "the map");
}

TEST(Measures, OfSpansOnTooFewTextsShowNothing) {
  Case tags(TaskKind::kTag, {"O", "B-name", "I-name"});
  data::Record record;
  record.text = "ann and bob";
  record.has_spans = true;
  record.spans = {{0, 3, 0}};
  for (int i = 0; i < 5; ++i) tags.add(record, runtime::SpanAnswer{{{{0, 3}, 0, 0.9F}}}, runtime::SpanAnswer{});
  EXPECT_EQ(tags.compared().verdict, Verdict::kCannotTell) << "the bootstrap alone would be sure of it";
}

TEST(Json, IsWholeAndSafe) {
  Case rows(TaskKind::kSingleLabel, {"<script>alert(1)</script>", "pin", "other"});
  rows.add(60, 0, 0, 1);
  rows.rows.text[0] = '\x1b';
  rows.rows.text[1] = '\xff';
  const Comparison c = rows.compared();
  const std::string text = to_json(c).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const nlohmann::json json = nlohmann::json::parse(text);
  EXPECT_EQ(json["schema"], "noggin-compare/1");
  EXPECT_EQ(json["verdict"], "worse");
  EXPECT_EQ(json["changes"]["broken"].size(), 60);
  EXPECT_EQ(json["changes"]["broken"][5]["old"]["label"], "<script>alert(1)</script>");
  EXPECT_EQ(json["measures"][0]["primary"], true);
  EXPECT_EQ(json["measures"][1]["primary"], false);
  EXPECT_TRUE(json["groups"].is_null());
  EXPECT_TRUE(json["latency"].is_null());
  EXPECT_THAT(to_text(c), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace noggin::exporter
