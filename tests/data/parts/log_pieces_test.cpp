// A large file in pieces: that they hold what the file holds, and when they are read. Every test that reads a log
// checks the first too (support/data_read_log.h).
#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <string>

#include "bytes/content_hash.h"
#include "data/parts/file_pieces.h"
#include "data/parts/log_parts.h"
#include "tests/support/data_random_log.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

class LogPiecesTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kSmall = 1000;

  void write(const std::string& text) { source_ = {Adapter::kJsonl, folder_.write("a.jsonl", text)}; }
  static std::string rows(int first, int count) {
    std::string text;
    for (int i = first; i < first + count; ++i)
      text += fmt::format("{{\"text\": \"row {}\", \"label\": \"parcel\"}}\n", i);
    return text;
  }
  // Makes the parts of the file; how many had to be read, or the error.
  Result<std::uint64_t> make(std::uint64_t piece_bytes = kSmall, unsigned threads = 1) {
    LogPartsOptions parts = options_of_parts_;
    parts.folder = folder_.file("parts");
    parts.threads = threads;
    parts.piece_bytes = piece_bytes;
    parts_ = std::make_unique<LogParts>(parts, options_);
    if (Status status = parts_->make({{{&source_, source_.path}, &schema_}}); !status) return status.error();
    return parts_->read_parts();
  }
  // What is told of the file in its parts, and read without parts.
  std::string told_in_parts() {
    return told([this](const LogUnit& unit, const RowSchema& schema, LogSink& sink) -> Result<bool> {
      if (Status status = parts_->replay(unit, schema, sink); !status) return status.error();
      return true;
    });
  }
  std::string told(const ReadUnit& read_unit = {}) {
    tests::ToldRows told;
    const auto report = read_split({"train", {source_}, true}, labels_, options_, folder_.file("quarantine.jsonl"),
                                   told.taker(), nullptr, spec::TaskKind::kSingleLabel, read_unit);
    std::string all = report ? told.with(*report) : report.error().message;
    all += test::read_text(folder_.file("quarantine.jsonl"));
    std::filesystem::remove(folder_.file("quarantine.jsonl"));
    return all;
  }
  std::map<std::string, std::string> files() const { return test::files_in(folder_.file("parts")); }

  test::TemporaryFolder folder_;
  IngestOptions options_;
  LogPartsOptions options_of_parts_;
  LabelSet labels_ = tests::labels_of({"refund", "parcel"});
  RowSchema schema_ = *RowSchema::create(spec::TaskKind::kSingleLabel, labels_, 2);
  Source source_;
  std::unique_ptr<LogParts> parts_;
};

TEST_F(LogPiecesTest, HoldWhatTheFileHolds) {
  std::mt19937 random(11);
  std::uint64_t most_parts = 0;
  for (std::uint32_t seed = 0; seed < 45; ++seed) {
    const std::string log = tests::random_log(seed, static_cast<int>(random() % 150) + 2);
    write(log);
    std::filesystem::remove_all(folder_.file("parts"));
    const std::uint64_t piece_bytes = 1 + random() % (seed % 3 == 0 ? log.size() / 20 + 1 : log.size());
    const auto made = make(piece_bytes, seed % 3 + 1);
    ASSERT_TRUE(made) << made.error().message;
    most_parts = std::max(most_parts, *made);
    ASSERT_EQ(told_in_parts(), told()) << "seed " << seed << ", pieces of " << piece_bytes;
  }
  EXPECT_GT(most_parts, 20U);
}

TEST_F(LogPiecesTest, AnIdOfAnotherTextIsRefusedInWhateverPieceItStands) {
  std::string log;
  const auto add = [&log](const char* id, const char* text) {
    log += fmt::format("{{\"id\": \"{}\", \"text\": \"{}\", \"label\": \"parcel\"}}\n", id, text);
  };
  add("a", "one"), add("b", "two");
  add("a", "other"), add("b", "two"), add("c", "three");  // of the piece alone all are good
  add("a", "third"), add("a", "one"), add("d", "four");   // here the second is the one that is refused
  write(log);
  ASSERT_EQ(*make(log.size() / 3), 3U);
  const std::string in_parts = told_in_parts();
  EXPECT_EQ(in_parts, told());
  EXPECT_THAT(in_parts, testing::HasSubstr("duplicate_id 2\n"));
  EXPECT_THAT(in_parts, testing::HasSubstr("\\\"text\\\": \\\"other\\\""));  // the line, in quarantine
}

TEST_F(LogPiecesTest, WhatIsAppendedAloneIsRead) {
  write(rows(0, 200));
  const std::uint64_t pieces = *make();
  ASSERT_GT(pieces, 7U);
  EXPECT_EQ(parts_->units(), 1U);
  EXPECT_EQ(parts_->read_units(), 1U);
  EXPECT_EQ(parts_->parts(), pieces);
  EXPECT_EQ(*make(), 0U);
  EXPECT_EQ(parts_->read_units(), 0U);
  write(rows(0, 201));
  EXPECT_EQ(*make(), 1U);
  write(rows(0, 300));
  const std::uint64_t read = *make();
  EXPECT_EQ(read, parts_->parts() - (pieces - 1));
  EXPECT_EQ(told_in_parts(), told());
  parts_->remove_others();
  EXPECT_EQ(files().size(), parts_->parts() + 1);  // and the memory of the pieces
  write(rows(1000, 1) + rows(1, 299));             // as long as the line before: the others keep their places
  ASSERT_GE(*make(), 1U);
  EXPECT_EQ(told_in_parts(), told());
}

TEST_F(LogPiecesTest, PiecesOfAnEarlierLengthOfTheFirstLineAreReadAgain) {
  write(rows(0, 200));
  const std::uint64_t pieces = *make();
  write("\n" + rows(0, 200));  // every line has another number
  EXPECT_EQ(*make(), pieces);
  EXPECT_EQ(told_in_parts(), told());
}

TEST_F(LogPiecesTest, ALogOfAKnownHashIsNotCutAgain) {
  const std::string log = rows(0, 200);
  write(log);
  options_of_parts_.hash_of = [&log](const std::string&) {
    return Result<std::uint64_t>(content_hash(log.data(), log.size()));
  };
  ASSERT_GT(*make(), 7U);
  const std::string before = told();
  folder_.write("a.jsonl", std::string(log.size(), 'x'));  // nobody sees it
  EXPECT_EQ(*make(), 0U);
  const std::string in_parts = told_in_parts();
  EXPECT_EQ(in_parts, before);
  write(log);
  for (const auto& [name, bytes] : files())  // damaged, it is made anew
    if (name.ends_with(".pieces")) folder_.write("parts/" + name, bytes.substr(0, 50));
  EXPECT_EQ(*make(), 0U);
  EXPECT_EQ(told_in_parts(), before);
}

TEST_F(LogPiecesTest, ALogIsCutAsItIsHashed) {
  const std::string log = rows(0, 200), folder = folder_.file("parts");
  write(log);
  const Result<std::uint64_t> hash = hash_and_cut(source_.path, kSmall, folder);
  ASSERT_TRUE(hash) << hash.error().message;
  EXPECT_EQ(*hash, content_hash(log.data(), log.size()));
  const auto cut = files();
  ASSERT_EQ(cut.size(), 1U) << "the memory of the pieces";
  options_of_parts_.hash_of = [hash](const std::string&) { return hash; };
  EXPECT_EQ(pieces_of(source_.path, *hash, kSmall, folder)->memory, folder + "/" + cut.begin()->first);
  folder_.write("a.jsonl", std::string(log.size(), 'x'));  // nobody sees it before the rows are read
  EXPECT_GT(pieces_of(source_.path, *hash, kSmall, folder)->pieces.size(), 7U);
  write(log);
  EXPECT_GT(*make(), 7U);
  EXPECT_EQ(files().at(cut.begin()->first), cut.begin()->second);
  EXPECT_EQ(told_in_parts(), told());
}

TEST_F(LogPiecesTest, WhatIsNotCutIsHashedAllTheSame) {
  for (const std::string& text : {std::string("[") + std::string(2 * kSmall, ' ') + "]", rows(0, 2)}) {
    write(text);
    EXPECT_EQ(*hash_and_cut(source_.path, kSmall, folder_.file("parts")), content_hash(text.data(), text.size()));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.file("parts")));
  EXPECT_FALSE(hash_and_cut(folder_.file("absent"), kSmall, folder_.file("parts")));
}

TEST_F(LogPiecesTest, ThreadsChangeNothing) {
  write(tests::random_log(5, 400));
  ASSERT_GT(*make(kSmall, 1), 10U);
  const auto alone = files();
  std::filesystem::remove_all(folder_.file("parts"));
  ASSERT_GT(*make(kSmall, 4), 10U);
  EXPECT_EQ(files(), alone);
}

TEST_F(LogPiecesTest, AStopKeepsThePiecesThatWereRead) {
  write(rows(0, 200'000));
  options_of_parts_.progress = [](std::uint64_t) { return false; };
  const auto stopped = make(100'000);
  if (stopped) GTEST_SKIP() << "the file was read before anybody could stop";
  EXPECT_THAT(stopped.error().message, testing::HasSubstr("stopped on request"));
  std::uint64_t kept = 0;
  for (const auto& [name, bytes] : files()) kept += name.ends_with(".part") ? 1 : 0;
  options_of_parts_.progress = {};
  const auto rest = make(100'000);
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_EQ(*rest + kept, parts_->parts());
}

TEST_F(LogPiecesTest, AFileThatChangesMeanwhileIsToldOf) {
  write(rows(0, 200));
  options_of_parts_.hash_of = [](const std::string&) { return Result<std::uint64_t>(1); };
  const auto made = make();
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, testing::HasSubstr("a.jsonl: the file changed while it was read"));
  options_of_parts_.hash_of = {};
  ASSERT_TRUE(make());
  std::filesystem::remove_all(folder_.file("parts"));
  write(rows(200, 200));  // the parts are gone, and the file is another
  EXPECT_THAT(told_in_parts(), testing::HasSubstr("the file changed while it was read"));
}

TEST_F(LogPiecesTest, AFileWithoutAnythingUsableIsLeftToItsReader) {
  std::string log;
  for (std::uint64_t i = 0; i < 3 * kHopelessDocuments; ++i) log += "{\"text\": \"\"}\n";
  write(log);
  ASSERT_TRUE(make(20'000));
  EXPECT_EQ(files().size(), 1U) << "the memory of the pieces";
  const std::string in_parts = told_in_parts();
  EXPECT_EQ(in_parts, told());
  EXPECT_THAT(in_parts, testing::HasSubstr("none of the first 1000 lines"));
}

// Only the start of a file says that it is no log: what stands behind good rows is refused line by line.
TEST_F(LogPiecesTest, APieceWithoutAnythingUsableIsRead) {
  std::string log = rows(0, 10);
  for (std::uint64_t i = 0; i < 3 * kHopelessDocuments; ++i) log += "{\"text\": \"\"}\n";
  write(log + rows(10, 100));
  const auto made = make(20'000);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(*made, parts_->parts());
  EXPECT_EQ(told_in_parts(), told());
}

}  // namespace
}  // namespace noggin::data
