// That part files hold what their logs hold is checked by every test that reads a log (support/data_read_log.h); here
// is when they are made, and when not.
#include "data/parts/log_parts.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/parts/part_file.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

class LogPartsTest : public testing::Test {
 protected:
  // Rows "NAME 0", ...
  void write(const std::string& name, int rows) {
    std::string text;
    for (int i = 0; i < rows; ++i) text += fmt::format("{{\"text\": \"{} {}\", \"label\": \"A\"}}\n", name, i);
    folder_.write(name, text);
  }
  // Makes the parts of these files; the number of files that were read for it, or the error.
  Result<std::uint64_t> make(const std::vector<std::string>& names, unsigned threads = 1) {
    sources_.clear();
    for (const std::string& name : names) sources_.push_back({Adapter::kJsonl, folder_.file(name)});
    parts_ = std::make_unique<LogParts>(options_of_parts(threads), options_);
    std::vector<LogParts::Wanted> wanted;
    for (const Source& source : sources_) wanted.push_back({{&source, source.path}, &schema_});
    if (Status status = parts_->make(wanted); !status) return status.error();
    return parts_->read_units();
  }
  LogPartsOptions options_of_parts(unsigned threads) const {
    LogPartsOptions parts{.folder = folder_.file("parts"), .threads = threads, .hash_of = hash_of_};
    return parts;
  }
  std::map<std::string, std::string> part_files() const { return test::files_in(folder_.file("parts")); }

  test::TemporaryFolder folder_;
  IngestOptions options_;
  LabelSet labels_ = tests::labels_of({"A", "B"});
  RowSchema schema_ = *RowSchema::create(spec::TaskKind::kSingleLabel, labels_, 2);
  std::function<Result<std::uint64_t>(const std::string&)> hash_of_;
  std::vector<Source> sources_;
  std::unique_ptr<LogParts> parts_;
};

TEST_F(LogPartsTest, AFileIsReadOnceAndANewOneAlone) {
  write("a.jsonl", 10);
  write("b.jsonl", 20);
  EXPECT_EQ(*make({"a.jsonl", "b.jsonl"}), 2U);
  EXPECT_EQ(*make({"a.jsonl", "b.jsonl"}), 0U);
  EXPECT_EQ(*make({"b.jsonl", "a.jsonl", "b.jsonl"}), 0U);
  write("c.jsonl", 30);
  EXPECT_EQ(*make({"a.jsonl", "c.jsonl", "b.jsonl"}), 1U);
  write("a.jsonl", 11);
  EXPECT_EQ(*make({"a.jsonl", "c.jsonl", "b.jsonl"}), 1U);
  EXPECT_EQ(part_files().size(), 4U);
  parts_->remove_others();
  EXPECT_EQ(part_files().size(), 3U);
}

TEST_F(LogPartsTest, WhatIsReadWholeIsKeptWhenTheRestFails) {
  write("a.jsonl", 10);
  write("b.jsonl", 20);
  hash_of_ = [this](const std::string& path) -> Result<std::uint64_t> {
    if (path == folder_.file("late.jsonl")) return std::uint64_t{7};
    const std::string text = test::read_text(path);
    return content_hash(text.data(), text.size());
  };
  const auto failed = make({"a.jsonl", "b.jsonl", "late.jsonl"});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, testing::HasSubstr("late.jsonl"));
  hash_of_ = {};
  write("late.jsonl", 5);
  EXPECT_EQ(*make({"a.jsonl", "b.jsonl", "late.jsonl"}), 1U);
}

TEST_F(LogPartsTest, AStopKeepsWholePartsOnly) {
  write("a.jsonl", 200'000);
  options_.quarantine_budget = 1.0;
  sources_ = {{Adapter::kJsonl, folder_.file("a.jsonl")}};
  LogPartsOptions parts = options_of_parts(1);
  parts.progress = [](std::uint64_t) { return false; };
  LogParts stopped(parts, options_);
  const Status status = stopped.make({{{&sources_[0], sources_[0].path}, &schema_}});
  if (status) GTEST_SKIP() << "the file was read before anybody could stop";
  EXPECT_THAT(status.error().message, testing::HasSubstr("stopped on request"));
  EXPECT_TRUE(part_files().empty());
}

TEST_F(LogPartsTest, ADamagedPartIsMadeAgain) {
  write("a.jsonl", 3);
  ASSERT_EQ(*make({"a.jsonl"}), 1U);
  const auto [name, whole] = *part_files().begin();
  const std::uint64_t key = std::stoull(name, nullptr, 16);
  const std::string path = folder_.file("parts/" + name);
  ASSERT_TRUE(is_whole_part(path, key));
  EXPECT_FALSE(is_whole_part(path, key + 1));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    folder_.write("parts/" + name, damaged);
    ASSERT_FALSE(is_whole_part(path, key)) << i;
    folder_.write("parts/" + name, whole.substr(0, i));
    ASSERT_FALSE(is_whole_part(path, key)) << i;
  }
  EXPECT_EQ(*make({"a.jsonl"}), 1U);
  EXPECT_EQ(part_files().at(name), whole);
}

TEST_F(LogPartsTest, ALargePartIsJudgedWhole) {
  write("a.jsonl", 40'000);  // more than one buffer
  ASSERT_EQ(*make({"a.jsonl"}), 1U);
  EXPECT_EQ(*make({"a.jsonl"}), 0U);
  const auto [name, whole] = *part_files().begin();
  ASSERT_GT(whole.size(), std::size_t{2} << 20);
  std::string damaged = whole;
  damaged[damaged.size() - 20] ^= 4;
  folder_.write("parts/" + name, damaged);
  EXPECT_EQ(*make({"a.jsonl"}), 1U);
}

TEST_F(LogPartsTest, ThreadsChangeNothing) {
  std::vector<std::string> names;
  for (int i = 0; i < 12; ++i) {
    names.push_back(fmt::format("{}.jsonl", i));
    write(names.back(), 100 * (i + 1));
  }
  ASSERT_EQ(*make(names, 1), 12U);
  const auto alone = part_files();
  std::filesystem::remove_all(folder_.file("parts"));
  ASSERT_EQ(*make(names, 5), 12U);
  EXPECT_EQ(part_files(), alone);
}

TEST_F(LogPartsTest, WhatChangesTheReadingChangesTheParts) {
  write("a.jsonl", 3);
  ASSERT_EQ(*make({"a.jsonl"}), 1U);
  options_.quarantine_budget = 0.5;  // judges what was read
  EXPECT_EQ(*make({"a.jsonl"}), 0U);
  options_.min_class_mass = 0.3;
  EXPECT_EQ(*make({"a.jsonl"}), 1U);
  options_.on_missing_logprobs = OnMissingLogprobs::kReject;
  EXPECT_EQ(*make({"a.jsonl"}), 1U);
  labels_ = tests::labels_of({"A", "B"}, {{"B", {"bee"}}});
  EXPECT_EQ(*make({"a.jsonl"}), 1U);
  labels_ = tests::labels_of({"B", "A"}, {{"B", {"bee"}}});
  EXPECT_EQ(*make({"a.jsonl"}), 1U);
}

TEST_F(LogPartsTest, AFileThatChangesMeanwhileIsToldOf) {
  write("a.jsonl", 3);
  hash_of_ = [](const std::string&) { return Result<std::uint64_t>(1); };
  const auto made = make({"a.jsonl"});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, testing::HasSubstr("a.jsonl: the file changed while it was read"));
}

TEST_F(LogPartsTest, AFileWithoutAnythingUsableIsLeftToItsReader) {
  std::string text;
  for (std::uint64_t i = 0; i < 3 * kHopelessDocuments; ++i) text += "{\"text\": \"\"}\n";
  folder_.write("a.jsonl", text);
  ASSERT_EQ(*make({"a.jsonl"}), 1U);
  EXPECT_TRUE(part_files().empty());
  const SplitInput input{"train", sources_, true};
  const auto read =
      read_split(input, labels_, options_, {}, RowTaker{[](Record&&, const RowNotes&) { return Status(); }}, nullptr,
                 spec::TaskKind::kSingleLabel,
                 [this](const LogUnit& unit, const RowSchema& schema, LogSink& sink) -> Result<bool> {
                   if (Status status = parts_->replay(unit, schema, sink); !status) return status.error();
                   return true;
                 });
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, testing::HasSubstr("none of the first 1000 lines"));
}

}  // namespace
}  // namespace noggin::data
