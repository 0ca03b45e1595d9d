#include "data/lines/line_reader.h"

#include <gmock/gmock.h>

#include "bytes/content_hash.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;

struct SeenLine {
  std::string text;
  std::uint64_t number, offset;
  bool terminated, too_long;
  bool operator==(const SeenLine&) const = default;
};

std::vector<SeenLine> lines_of(LineReader& reader) {
  std::vector<SeenLine> lines;
  while (true) {
    const auto line = reader.next();
    EXPECT_TRUE(line) << line.error().message;
    if (!line || !line->has_value()) return lines;
    lines.push_back(
        {std::string((*line)->text), (*line)->number, (*line)->offset, (*line)->terminated, (*line)->too_long});
  }
}

TEST(LineReader, KeepsNumbersAndOffsetsOverBlankLines) {
  const test::TemporaryFolder folder;
  auto reader = LineReader::open(folder.write("log", "\xEF\xBB\xBFone\n\n  \r\ntwo\r\nthree"));
  ASSERT_TRUE(reader);
  EXPECT_THAT(lines_of(*reader), ElementsAre(SeenLine{"one", 1, 3, true, false}, SeenLine{"two\r", 4, 12, true, false},
                                             SeenLine{"three", 5, 17, false, false}));
}

TEST(LineReader, SkipsTheMarkOfAFileThatWasAppended) {
  const test::TemporaryFolder folder;
  auto reader = LineReader::open(folder.write("log", "one\n\xEF\xBB\xBFtwo\n\xEF\xBB\xBF\n"));
  ASSERT_TRUE(reader);
  EXPECT_THAT(lines_of(*reader), ElementsAre(SeenLine{"one", 1, 0, true, false}, SeenLine{"two", 2, 7, true, false}));
}

TEST(LineReader, RefusesEmptyFiles) {
  const test::TemporaryFolder folder;
  for (const std::string& text :
       {std::string(), std::string(" \n\r\n"), std::string("\xEF\xBB\xBF"), tests::gzip("")}) {
    const std::string path = folder.write("log", text);
    const auto reader = LineReader::open(path);
    ASSERT_FALSE(reader) << text.size();
    EXPECT_EQ(reader.error().code, ErrorCode::kBadData);
    EXPECT_THAT(reader.error().message, testing::StartsWith(path + (text.starts_with(' ') ? " holds" : " is empty")));
  }
}

TEST(LineReader, RefusesFoldersAndMissingFiles) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(LineReader::open(folder.path()).error().code, ErrorCode::kIo);
  EXPECT_EQ(LineReader::open(folder.file("absent")).error().code, ErrorCode::kNotFound);
}

// Lines of many lengths, longer than any buffer the reader starts with.
std::string many_lines() {
  std::string text;
  for (std::size_t i = 0; i < 3000; ++i)
    text += std::string(1 + (i * 37) % 900, static_cast<char>('a' + i % 26)) + "\n";
  return text + std::string(700000, 'x') + "\nlast\n";
}

TEST(LineReader, ReadsTheSamePlainAndCompressed) {
  const test::TemporaryFolder folder;
  const std::string text = many_lines();
  const std::size_t half = text.size() / 2;
  auto plain = LineReader::open(folder.write("a", text));
  ASSERT_TRUE(plain);
  const std::vector<SeenLine> expected = lines_of(*plain);
  EXPECT_EQ(expected.size(), 3002U);
  EXPECT_FALSE(plain->stream().compressed());
  EXPECT_EQ(plain->stream().file_hash(), content_hash(text.data(), text.size()));
  EXPECT_EQ(plain->stream().file_bytes(), text.size());
  for (const std::string& packed :
       {tests::gzip(text), tests::gzip(text.substr(0, half)) + tests::gzip(text.substr(half)), tests::zstandard(text),
        tests::zstandard(text.substr(0, half)) + tests::zstandard(text.substr(half))}) {
    auto reader = LineReader::open(folder.write("b", packed));
    ASSERT_TRUE(reader);
    EXPECT_EQ(lines_of(*reader), expected);
    EXPECT_TRUE(reader->stream().compressed());
    EXPECT_FALSE(reader->stream().cut());
    EXPECT_EQ(reader->stream().file_hash(), content_hash(packed.data(), packed.size()));
  }
}

TEST(LineReader, NoticesACutCompressedFile) {
  const test::TemporaryFolder folder;
  const std::string text = many_lines();
  for (const std::string& packed : {tests::gzip(text), tests::zstandard(text)}) {
    auto reader = LineReader::open(folder.write("b", packed.substr(0, packed.size() - 20)));
    ASSERT_TRUE(reader);
    lines_of(*reader);
    EXPECT_TRUE(reader->stream().cut());
  }
}

TEST(LineReader, RefusesDamagedCompressedFiles) {
  const test::TemporaryFolder folder;
  std::string packed = tests::gzip(many_lines());
  packed[packed.size() - 6] ^= 0x10;  // the checksum at the end
  auto reader = LineReader::open(folder.write("b.gz", packed));
  ASSERT_TRUE(reader);
  while (true) {
    const auto line = reader->next();
    if (!line) {
      EXPECT_EQ(line.error().code, ErrorCode::kCorrupt);
      EXPECT_THAT(line.error().message, testing::HasSubstr("b.gz"));
      break;
    }
    ASSERT_TRUE(line->has_value()) << "the damage went unnoticed";
  }
}

TEST(LineReader, SkipsALineThatNeverEnds) {
  const test::TemporaryFolder folder;
  const std::string bomb = "first\n" + std::string(kMaxLineBytes + kMaxLineBytes / 4, 'z') + "\nafter\n";
  auto reader = LineReader::open(folder.write("b", tests::zstandard(bomb)));
  ASSERT_TRUE(reader);
  const std::vector<SeenLine> lines = lines_of(*reader);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_TRUE(lines[1].too_long);
  EXPECT_EQ(lines[1].text.size(), kExcerptBytes);
  EXPECT_EQ(lines[1].offset, 6U);
  EXPECT_EQ(lines[2], (SeenLine{"after", 3, bomb.size() - 6, true, false}));
}

}  // namespace
}  // namespace noggin::data
