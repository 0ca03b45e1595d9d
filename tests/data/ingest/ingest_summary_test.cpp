#include "data/ingest/ingest_summary.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace noggin::data {
namespace {

using testing::HasSubstr;
using testing::Not;

IngestReport report_of(SplitSummary split) {
  split.name = "train";
  IngestReport report;
  report.splits.push_back(std::move(split));
  return report;
}

TEST(IngestSummary, SaysNothingOfWhatIsNotThere) { EXPECT_EQ(summary_of(report_of({})), ""); }

TEST(IngestSummary, ShowsHowAnswersWereRead) {
  SplitSummary split;
  AnswerCounts& answers = split.counts.answers;
  answers.rows = 10;
  answers.from_tokens = 8;
  answers.from_text = 2;
  answers.class_mass = 6.0;
  answers.disagreements = 2;
  answers.certain = 3;  // the two labels, and one distribution
  answers.confidence_unread = 1;
  split.counts.with_teacher = 10;
  const std::string text = summary_of(report_of(std::move(split)));
  EXPECT_THAT(text, HasSubstr("train: 10 answers in words: 8 from tokens, 2 from the text alone (labels); class mass "
                              "0.750 on average; text and tokens agree on 75.0 %"));
  EXPECT_THAT(text, HasSubstr("1 (10.0 %) of the teacher's distributions are at exactly 0 or 1"));
  EXPECT_THAT(text, HasSubstr("1 (10.0 %) answers name a confidence that is no probability and is not read"));
}

TEST(IngestSummary, FoldsManyClassesToTheFrequentAndTheRare) {
  SplitSummary split;
  for (std::uint64_t c = 0; c < 40; ++c) {
    split.classes.names.push_back(fmt::format("c{}", c));
    split.classes.gold.push_back(c < 3 ? c + 1 : 0);
    split.classes.teacher.push_back(100 - c);
  }
  const std::string text = summary_of(report_of(std::move(split)));
  EXPECT_THAT(text, HasSubstr("classes by gold: \"c2\" 3, \"c1\" 2, \"c0\" 1\n")) << "few: all of them";
  EXPECT_THAT(text, HasSubstr("classes by teacher: \"c0\" 100, \"c1\" 99, \"c2\" 98, \"c3\" 97, \"c4\" 96, \"c5\" 95, "
                              "... 30 more ..., \"c36\" 64, \"c37\" 63, \"c38\" 62, \"c39\" 61\n"));
}

TEST(IngestSummary, ShowsWhatRepeats) {
  SplitSummary split;
  split.counts.accepted = 50;
  split.spread = {.texts = 2, .answers = 5, .mean = 0.125, .largest = 0.5};
  split.counts.repeats["dev"].near = 1;
  split.counts.repeats["dev"].near_example.text = "Hi!";
  split.counts.repeats["train"].near = 7;  // its own
  const std::string text = summary_of(report_of(std::move(split)));
  EXPECT_THAT(text,
              HasSubstr("2 texts have 5 answers of the teacher, 0.125 from their mean on average (at most 0.500)"));
  EXPECT_THAT(text, HasSubstr("1 (2.0 %) texts are also in dev but for case, spaces or punctuation, as \"Hi!\""));
  EXPECT_THAT(text, Not(HasSubstr("also in train")));
}

}  // namespace
}  // namespace noggin::data
