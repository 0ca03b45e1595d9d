// What an ingest says about rows that are valid one by one.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "data/ingest/ingest_plan.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string row(const std::string& text, const std::string& label) {
  return fmt::format("{{\"text\": \"{}\", \"label\": \"{}\"}}\n", text, label);
}

class SplitFindings : public testing::Test {
 protected:
  struct Texts {
    std::string train, dev, test;
  };
  Result<IngestReport> read(const Texts& texts, std::vector<std::string> labels = {"refund", "parcel"},
                            spec::TaskKind task = spec::TaskKind::kSingleLabel, const IngestOptions& options = {}) {
    IngestPlan plan;
    plan.task = task;
    plan.labels = *LabelSet::create(std::move(labels), {}, {}, task);
    for (const auto& [name, text] : {std::pair{"train", texts.train}, {"dev", texts.dev}, {"test", texts.test}}) {
      const std::string path = folder_.write(std::string(name) + ".jsonl", text);
      plan.splits.push_back({name, {{.path = path}}, plan.splits.empty()});
    }
    plan.tokenizer = VocabularyOptions{.size = 300, .min_frequency = 1};
    plan.output_folder = folder_.file("out");
    plan.options = options;
    plan.replace = true;
    return ingest(plan);
  }
  std::vector<std::string> findings(const Texts& texts, std::vector<std::string> labels = {"refund", "parcel"},
                                    spec::TaskKind task = spec::TaskKind::kSingleLabel) {
    const Result<IngestReport> report = read(texts, std::move(labels), task);
    EXPECT_TRUE(report) << report.error().message;
    return report ? report->findings : std::vector<std::string>();
  }

  const Texts sound_{row("a", "refund") + row("b", "parcel"), row("c", "refund") + row("d", "parcel"),
                     row("e", "refund") + row("f", "parcel")};
  test::TemporaryFolder folder_;
};

TEST_F(SplitFindings, AreNoneForSoundSplits) { EXPECT_THAT(findings(sound_), IsEmpty()); }

TEST_F(SplitFindings, NameClassesThatRowsGiveByNumber) {
  Texts numbered = sound_;
  numbered.dev = row("c", "0") + row("d", "1");
  EXPECT_THAT(findings(numbered), ElementsAre(AllOf(HasSubstr("2 rows of "), HasSubstr("dev.jsonl give classes by"),
                                                    HasSubstr("the first is \"refund\", the last \"parcel\""))));
}

TEST_F(SplitFindings, NameTheUnitThatSpansShow) {
  const std::string spans = R"({"text": "a Bern", "spans": [{"start": 2, "end": 6, "type": "X"}]})";
  const std::string shifted = R"({"text": "😀 Bern", "spans": [{"start": 3, "end": 7, "type": "X", "text": "Bern"}]})";
  const auto found = findings({spans + "\n", shifted + "\n", R"({"text": "b Bern", "spans": [[2, 6, "X"]]})"},
                              {"O", "B-X", "I-X"}, spec::TaskKind::kTag);
  EXPECT_THAT(found, testing::Contains(
                         AllOf(HasSubstr("dev.jsonl"), HasSubstr("count utf16"), HasSubstr("Fix: set unit: utf16"))));
}

TEST_F(SplitFindings, NameEveryPairOfSplitsThatShareTexts) {
  Texts shared = sound_;
  shared.dev += row("a", "refund");
  EXPECT_THAT(findings(shared),
              ElementsAre(AllOf(HasSubstr("1 of 3 rows of dev (33.3 %) are also in train"),
                                HasSubstr("dev.jsonl:3 \"a\""), HasSubstr("leave them out of train"))));
  shared = sound_;
  shared.test = row("b", "parcel") + shared.test;
  EXPECT_THAT(findings(shared), ElementsAre(AllOf(HasSubstr("1 of 3 rows of test (33.3 %) are also in train"),
                                                  HasSubstr("test.jsonl:1 \"b\""))));
  shared = sound_;
  shared.test = shared.dev;
  EXPECT_THAT(findings(shared), ElementsAre(AllOf(HasSubstr("2 of 2 rows of test (100.0 %) are also in dev"),
                                                  HasSubstr("chosen on dev"), HasSubstr("leave them out of test"))));
}

TEST_F(SplitFindings, TellContradictionsFromPlainRepeats) {
  Texts repeated = sound_;
  repeated.train += row("a", "refund") + row("a", "refund");
  EXPECT_THAT(findings(repeated), IsEmpty()) << "plain repeats are in the table";
  repeated.train += row("a", "parcel") + row("b", "refund");
  EXPECT_THAT(findings(repeated),
              ElementsAre(AllOf(HasSubstr("2 of 6 rows of train (33.3 %) repeat an earlier text with another answer "
                                          "(\"refund\" and \"parcel\": 2), besides 2 plain repeats"),
                                HasSubstr("train.jsonl:5 \"a\" is \"parcel\" here and \"refund\" in the other row"))));
  Texts measured = sound_;
  measured.test += row("e", "parcel");
  EXPECT_THAT(findings(measured),
              ElementsAre(AllOf(HasSubstr("1 of 3 rows of test"), HasSubstr("no answer is right"))));
}

TEST_F(SplitFindings, NameContradictionsBetweenSplits) {
  Texts between = sound_;
  between.test += row("a", "parcel");
  EXPECT_THAT(findings(between),
              ElementsAre(AllOf(HasSubstr("also in train"), HasSubstr("1 of them contradict each other"),
                                HasSubstr("is \"parcel\" here and \"refund\""))));
}

TEST_F(SplitFindings, GoldIsNotContradictedByATeacher) {
  Texts mixed = sound_;
  const std::string guess = R"({"text": "a", "probs": {"parcel": 1}})"
                            "\n";
  mixed.train = guess +
                R"({"text": "a", "probs": {"parcel": 0.9}})"
                "\n" +
                mixed.train + row("z", "refund");
  EXPECT_THAT(findings(mixed), testing::IsEmpty()) << "they become one row";
  mixed.train += row("a", "parcel");  // with the gold that came after the teacher's answers
  EXPECT_THAT(findings(mixed), ElementsAre(HasSubstr("1 of 6 rows of train (16.7 %) repeat an earlier text")));
  Texts teachers = sound_;
  teachers.train += R"({"text": "x", "probs": {"parcel": 1}})"
                    "\n"
                    R"({"text": "x", "probs": {"refund": 0.6}})"
                    "\n";
  EXPECT_THAT(findings(teachers), ElementsAre(HasSubstr("1 of 4 rows of train (25.0 %) repeat an earlier text")));
}

TEST_F(SplitFindings, ContradictionsOfOtherTasksAreFoundToo) {
  const Texts labels{R"({"text": "a", "labels": ["x"]})"
                     "\n"
                     R"({"text": "a", "labels": ["y", "x"]})"
                     "\n"
                     R"({"text": "b", "labels": ["y"]})"
                     "\n"
                     R"({"text": "b", "labels": ["y"]})"
                     "\n",
                     R"({"text": "c", "labels": ["x", "y"]})"
                     "\n",
                     R"({"text": "d", "labels": ["x", "y"]})"
                     "\n"};
  EXPECT_THAT(
      findings(labels, {"x", "y"}, spec::TaskKind::kMultiLabel),
      ElementsAre(HasSubstr("1 of 4 rows of train (25.0 %) repeat an earlier text with another answer, besides 1 "
                            "plain repeats")));
  const Texts spans{R"({"text": "ann b", "spans": [{"start": 0, "end": 3, "type": "P"}]})"
                    "\n"
                    R"({"text": "ann b", "spans": []})"
                    "\n",
                    R"({"text": "ann c", "spans": [{"start": 0, "end": 3, "type": "P"}]})"
                    "\n",
                    R"({"text": "ann d", "spans": [{"start": 0, "end": 3, "type": "P"}]})"
                    "\n"};
  EXPECT_THAT(findings(spans, {"O", "B-P"}, spec::TaskKind::kTag),
              ElementsAre(HasSubstr("1 of 2 rows of train (50.0 %) repeat")));
}

TEST_F(SplitFindings, TargetsThatNoDeletionGivesAreLostToTraining) {
  const auto edit = [](const char* text, const char* target) {
    return fmt::format("{{\"text\": \"{}\", \"target\": \"{}\"}}\n", text, target);
  };
  EXPECT_THAT(findings({edit("a um b", "a b") + edit("a b", "c"), edit("um b", "b"), edit("b um", "b")}, {},
                       spec::TaskKind::kEdit),
              ElementsAre(AllOf(HasSubstr("1 of 2 lines of train (50.0 %) have a target that no deletion"),
                                HasSubstr("quarantine.jsonl"))));
}

TEST_F(SplitFindings, NameClassesWithoutRows) {
  Texts lacking = sound_;
  lacking.train = row("a", "refund") + row("b", "refund");
  EXPECT_THAT(findings(lacking),
              ElementsAre(AllOf(HasSubstr("1 of 2 classes have no row in train: \"parcel\" (1 rows in dev, 1 rows in "
                                          "test)"),
                                HasSubstr("The student will not learn them"))));
  lacking = sound_;
  lacking.test = row("e", "refund");
  EXPECT_THAT(findings(lacking), ElementsAre(HasSubstr("1 of 2 classes have no row in test: \"parcel\"")));
  std::vector<std::string> many;
  for (int i = 0; i < 9; ++i) many.push_back(fmt::format("c{}", i));
  EXPECT_THAT(findings({row("a", "c0"), row("b", "c0"), row("c", "c0")}, many)[0],
              AllOf(HasSubstr("8 of 9 classes have no row in train"), HasSubstr("\"c5\", and 3 more")));
}

TEST_F(SplitFindings, ATeachersAnswerTeachesItsClass) {
  Texts taught = sound_;
  taught.train = row("a", "refund") + R"({"text": "b", "probs": {"parcel": 0.8}})"
                                      "\n";
  EXPECT_THAT(findings(taught), IsEmpty());
  taught.train = row("a", "refund") + R"({"text": "b", "probs": {"refund": 0.8, "parcel": 0.2}})"
                                      "\n";
  EXPECT_THAT(findings(taught), ElementsAre(HasSubstr("no row in train: \"parcel\""))) << "some mass, never the answer";
}

TEST_F(SplitFindings, MissingTypesOfSpansAndSidesOfScoresAreClassesToo) {
  const std::string ann = R"({"text": "ann b", "spans": [{"start": 0, "end": 3, "type": "P"}]})"
                          "\n";
  const Texts spans{
      ann,
      R"({"text": "c ann", "spans": [{"start": 2, "end": 5, "type": "P"}]})"
      "\n",
      R"({"text": "ann d oslo", "spans": [{"start": 0, "end": 3, "type": "P"}, {"start": 6, "end": 10, "type": "C"}]})"
      "\n"};
  EXPECT_THAT(findings(spans, {"O", "B-P", "B-C"}, spec::TaskKind::kTag),
              ElementsAre(HasSubstr("1 of 2 classes have no row in train: \"C\" (1 rows in test)"),
                          HasSubstr("no row in dev: \"C\"")));
  const Texts scores{R"({"text": "a", "score": 0.1})"
                     "\n",
                     R"({"text": "b", "score": 0.9})"
                     "\n"
                     R"({"text": "c", "score": 0})"
                     "\n",
                     R"({"text": "d", "score": 0.9})"
                     "\n"
                     R"({"text": "e", "score": 0})"
                     "\n"};
  EXPECT_THAT(findings(scores, {}, spec::TaskKind::kScore),
              ElementsAre(HasSubstr("no row in train: \"scores of at least 0.5\"")));
}

TEST_F(SplitFindings, TextsThatWouldChangeTheMessageAreEscaped) {
  Texts hostile = sound_;
  const std::string text = "x\\u001b[2J\\u202ey" + std::string(100, 'z');
  hostile.train += row(text, "refund");
  hostile.dev += row(text, "refund");
  EXPECT_THAT(findings(hostile), ElementsAre(AllOf(HasSubstr("\"x\\u001b[2J\\u202ey"), HasSubstr("...\""),
                                                   Not(HasSubstr("\x1b")), Not(HasSubstr(std::string(80, 'z'))))));
}

// --- spans that do not fit ----------------------------------------------------------------------------------------

// `fitting` rows whose span is a word, then `others`; the text is written once per row, so that texts differ.
std::string tagged(int fitting, const std::vector<std::string>& others) {
  std::string text;
  for (int i = 0; i < fitting; ++i)
    text +=
        fmt::format("{{\"text\": \"anna is {}\", \"spans\": [{{\"start\": 0, \"end\": 4, \"type\": \"P\"}}]}}\n", i);
  for (const std::string& other : others) text += other + "\n";
  return text;
}

class LostSpans : public SplitFindings {
 protected:
  Result<IngestReport> read_tags(const std::string& train, double budget = 0.01) {
    const std::string held_out = R"({"text": "anna is here", "spans": [{"start": 0, "end": 4, "type": "P"}]})";
    IngestOptions options;
    options.span_budget = budget;
    return read(
        {train, held_out + "\n", R"({"text": "anna was here", "spans": [{"start": 0, "end": 4, "type": "P"}]})"},
        {"O", "B-P"}, spec::TaskKind::kTag, options);
  }
};

TEST_F(LostSpans, AboveTheBudgetAreRefusedAndShown) {
  const std::string inside = R"({"text": "hello anna", "spans": [{"start": 1, "end": 9, "type": "P"}]})";
  const auto report = read_tags(tagged(9, {inside}));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kBadData);
  EXPECT_THAT(
      report.error().message,
      AllOf(HasSubstr("1 of 10 spans of train (10.0 %) do not begin and end with words"),
            HasSubstr("train.jsonl:10 \"ello ann\" (bytes 1 to 9) of \"hello anna\""), HasSubstr("data.span_budget")));
  const auto tolerated = read_tags(tagged(9, {inside}), 0.1);
  ASSERT_TRUE(tolerated) << tolerated.error().message;
  EXPECT_THAT(tolerated->findings, ElementsAre(HasSubstr("1 of 10 spans of train (10.0 %) do not begin and end")));
}

TEST_F(LostSpans, AreTakenForAnotherUnitWhereThatExplainsThem) {
  // "anna" as a program counts that knows UTF-16, or bytes.
  const auto message = [this](int start) {
    const std::string row =
        fmt::format("{{\"text\": \"😀 é anna is here\", \"spans\": [{{\"start\": {}, \"end\": {}, \"type\": \"P\"}}]}}",
                    start, start + 4);
    const auto report = read_tags(row);
    return report ? std::string() : report.error().message;
  };
  EXPECT_EQ(message(4), "") << "code points";
  EXPECT_THAT(message(5), HasSubstr("1 of them fit if start and end count in the unit utf16. Fix: add unit: utf16"));
  EXPECT_THAT(message(8), HasSubstr("1 of them fit if start and end count in the unit byte. Fix: add unit: byte"));
}

TEST_F(LostSpans, WithABlankBehindThemAreRecognised) {
  const auto report = read_tags(R"({"text": "anna is here", "spans": [{"start": 0, "end": 5, "type": "P"}]})");
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("1 of them fit without the white space at their ends"));
}

TEST_F(LostSpans, BehindTheLastTokenAreCountedAndShown) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "word ";
  const std::string late =
      fmt::format("{{\"text\": \"{}anna\", \"spans\": [{{\"start\": 500, \"end\": 504, \"type\": \"P\"}}]}}", text);
  const auto report = read_tags(tagged(9, {late}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->findings,
              ElementsAre(AllOf(HasSubstr("1 of 10 spans of train (10.0 %) lie beyond the last token"),
                                HasSubstr("\"anna\" (bytes 500 to 504)")),
                          HasSubstr("1 of 10 rows of train (10.0 %) were cut")));
}

}  // namespace
}  // namespace noggin::data
