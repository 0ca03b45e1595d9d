#include "train/assess/log_facts.h"

#include <gtest/gtest.h>

#include "tests/support/cli_temporary_folder.h"
#include "train/assess/log_rows.h"

namespace noggin::assess {
namespace {

TEST(LogFacts, ReadsUsageAndTimesOfSeveralShapes) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write(
      "log.jsonl",
      R"({"custom_id": "a", "response": {"body": {"created": 1764000000, "usage": {"prompt_tokens": 10, "completion_tokens": 2}}}})"
      "\n"
      R"({"usage": {"input_tokens": 30, "output_tokens": 4, "cost": 0.5}, "timestamp": "2025-11-24T16:00:01Z"})"
      "\n"
      R"({"usage": {"prompt_tokens": -1, "completion_tokens": "many"}, "created_at": 1764000002000})"
      "\nnot json\n");
  const Result<LogFacts> facts = read_log_facts({path});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->documents, 4U);
  EXPECT_EQ(facts->input_tokens.documents, 2U);
  EXPECT_DOUBLE_EQ(facts->input_tokens.mean(), 20.0);
  EXPECT_DOUBLE_EQ(facts->output_tokens.mean(), 3.0);
  EXPECT_DOUBLE_EQ(facts->cost.mean(), 0.5);
  EXPECT_EQ(facts->time_of(path, 1), 1764000000.0);
  EXPECT_EQ(facts->time_of(path, 2), 1764000001.0);
  EXPECT_EQ(facts->time_of(path, 3), 1764000002.0);
  EXPECT_FALSE(facts->time_of(path, 4));
  EXPECT_FALSE(facts->time_of("another file", 1));
}

TEST(LogFacts, ReadsNumbersAndDatesAsSeconds) {
  EXPECT_EQ(seconds_of("1764000000"), 1764000000.0);
  EXPECT_EQ(seconds_of("1764000000123"), 1764000000.123);
  EXPECT_EQ(seconds_of("1764000000123456789"), 1764000000.123456789);
  EXPECT_EQ(seconds_of("1970-01-02"), 86400.0);
  EXPECT_EQ(seconds_of("2000-03-01T12:30:15.5+02:00"), 951913815.0);
  for (const char* other : {"", "today", "2025-13-01", "2025-02-30", "20250101T00", "-5", "nan", "inf"})
    EXPECT_FALSE(seconds_of(other)) << other;
}

TEST(LogFacts, AMissingFileIsAnError) { EXPECT_FALSE(read_log_facts({"/nowhere/log.jsonl"})); }

TEST(LogRows, CountsAnswersThatDiffer) {
  const std::vector<LogRow> rows = {{.key = 1, .said = 10},
                                    {.key = 1, .said = 10},
                                    {.key = 1, .said = 11},
                                    {.key = 2, .said = 10},
                                    {.key = 3, .said = 7},
                                    {.key = 3, .said = 8},
                                    {.key = 4},
                                    {.key = 4}};
  const SelfAgreement self = self_agreement(rows);
  EXPECT_EQ(self.texts, 2U);
  EXPECT_EQ(self.answers, 5U);
  EXPECT_EQ(self.same, 3U);
}

TEST(LogRows, CourseIsOfTimeWhereRowsHaveOne) {
  std::vector<LogRow> rows;
  for (std::size_t i = 0; i < 900; ++i) {
    const double time = static_cast<double>(i * 7919 % 900);  // shuffled
    rows.push_back(
        {.key = i, .answer = time < 300 ? 0 : static_cast<std::int32_t>(i % 2), .bytes = 20, .time = 86400.0 * time});
  }
  const std::optional<Course> course = course_of(rows);
  ASSERT_TRUE(course);
  EXPECT_TRUE(course->by_time);
  EXPECT_DOUBLE_EQ(course->days, 899.0);
  EXPECT_TRUE(course->answers[0].moved(0.2));
  EXPECT_FALSE(course->answers[1].moved(0.2));
  EXPECT_FALSE(course->lengths[0].moved(0.2));
}

TEST(LogRows, SortedFilesHaveNoCourse) {
  std::vector<LogRow> rows;
  for (std::size_t i = 0; i < 900; ++i)
    rows.push_back({.key = i, .answer = static_cast<std::int32_t>(i / 90), .bytes = 9});
  const std::optional<Course> course = course_of(rows);
  ASSERT_TRUE(course);
  EXPECT_TRUE(course->sorted);
  rows.resize(kFewestRows - 1);
  EXPECT_FALSE(course_of(rows));
}

TEST(LogRows, OneTimeForAllIsNoOrder) {
  std::vector<LogRow> rows;
  for (std::size_t i = 0; i < 600; ++i)
    rows.push_back({.key = i, .answer = static_cast<std::int32_t>(i * 7919 % 3), .bytes = 9, .time = 1764000000.0});
  EXPECT_FALSE(course_of(rows)->by_time);
}

}  // namespace
}  // namespace noggin::assess
