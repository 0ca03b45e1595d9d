#include "train/run/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/cli_temporary_folder.h"

namespace noggin::train {
namespace {

using testing::HasSubstr;
using testing::Not;

class ProgressTest : public testing::Test {
 protected:
  ProgressOptions options() {
    ProgressOptions options;
    options.clock = [this] { return time_; };
    return options;
  }
  double time_ = 100.0;
  std::ostringstream out_;
};

TEST_F(ProgressTest, PipeGetsALineEveryFewSecondsWithRateLossAndEta) {
  Progress progress(out_, options());
  progress.begin("distil", 1000, "steps");
  time_ += 4.0;
  progress.update(100, 2.0);
  EXPECT_EQ(out_.str(), "");
  time_ += 6.0;
  progress.update(200, 1.5, 0.875);
  EXPECT_EQ(out_.str(), "distil  20 %  200/1,000 steps  20/s  loss 1.5000  dev 87.50 %  ETA 40 s\n");
  time_ += 1.0;
  progress.update(220);
  EXPECT_EQ(out_.str().find('\n'), out_.str().size() - 1) << "not before the interval has passed again";
}

TEST_F(ProgressTest, ResumedWorkDoesNotCountForTheRate) {
  Progress progress(out_, options());
  progress.begin("distil", 1000, "steps");
  progress.resume_at(900);
  time_ += 10.0;
  progress.update(950);
  EXPECT_THAT(out_.str(), HasSubstr("5.0/s  ETA 10 s"));
}

TEST_F(ProgressTest, TheEtaIsThatOfEverythingThatFollows) {
  Progress progress(out_, options());
  progress.begin("distil", 1000, "steps", 3000);
  time_ += 10.0;
  progress.update(200);
  EXPECT_THAT(out_.str(), HasSubstr("20/s  ETA 3:10, this part 40 s\n"));
}

TEST_F(ProgressTest, TerminalRewritesOneLineAndClearsItForMessages) {
  ProgressOptions terminal = options();
  terminal.terminal = true;
  Progress progress(out_, terminal);
  progress.begin("ingest", 0, "rows");
  time_ += 1.0;
  progress.update(50);
  EXPECT_EQ(out_.str(), "\r\x1b[Kingest  50 rows  50/s");
  out_.str("");
  progress.note("saved");
  EXPECT_EQ(out_.str(), "\r\x1b[Ksaved\n");
}

TEST_F(ProgressTest, QuietShowsWarningsOnly) {
  ProgressOptions quiet = options();
  quiet.verbosity = Verbosity::kQuiet;
  Progress progress(out_, quiet);
  progress.note("a");
  progress.detail("b");
  progress.begin("distil", 10, "steps");
  time_ += 60.0;
  progress.update(5);
  progress.warn("c");
  EXPECT_EQ(out_.str(), "warning: c\n");
}

TEST_F(ProgressTest, ColourOnlyWhenAsked) {
  ProgressOptions coloured = options();
  coloured.colour = true;
  Progress(out_, coloured).warn("c");
  EXPECT_THAT(out_.str(), HasSubstr("\x1b[33m"));
}

TEST_F(ProgressTest, LogHoldsEverythingEvenWhenQuiet) {
  test::TemporaryFolder folder;
  ProgressOptions quiet = options();
  quiet.verbosity = Verbosity::kQuiet;
  Progress progress(out_, quiet);
  progress.log_to(folder.file("log.txt"));
  progress.detail("detail");
  EXPECT_THAT(test::read_text(folder.file("log.txt")), testing::MatchesRegex("....-..-..T..:..:..Z detail\n"));
}

TEST(Format, DurationsAndCounts) {
  EXPECT_EQ(format_duration(3.4), "3 s");
  EXPECT_EQ(format_duration(123), "2:03");
  EXPECT_EQ(format_duration(3723), "1:02:03");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1234567), "1,234,567");
}

}  // namespace
}  // namespace noggin::train
