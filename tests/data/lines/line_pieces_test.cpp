#include "data/lines/line_pieces.h"

#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

#include "bytes/content_hash.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

struct NumberedLine {
  std::string text;
  std::uint64_t number;
  bool terminated;
  bool operator==(const NumberedLine&) const = default;
};

void PrintTo(const NumberedLine& line, std::ostream* to) { *to << line.number << ": " << line.text; }

std::vector<NumberedLine> numbered_lines_of(Result<LineReader> reader) {
  std::vector<NumberedLine> lines;
  EXPECT_TRUE(reader) << reader.error().message;
  while (true) {
    const Result<std::optional<Line>> line = reader->next();
    EXPECT_TRUE(line) << line.error().message;
    if (!line || !line->has_value()) return lines;
    lines.push_back({std::string((*line)->text), (*line)->number, (*line)->terminated});
  }
}

std::vector<NumberedLine> numbered_lines_of_pieces(const std::string& path, const CutFile& cut) {
  std::vector<NumberedLine> lines;
  for (const LinePiece& piece : cut.pieces) {
    const std::vector<NumberedLine> more = numbered_lines_of(LineReader::open_piece(path, piece));
    lines.insert(lines.end(), more.begin(), more.end());
  }
  return lines;
}

TEST(LinePieces, HoldTheLinesOfTheFile) {
  const test::TemporaryFolder folder;
  std::mt19937 random(3);
  const auto below = [&random](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  const std::vector<std::string> kinds = {"\n",
                                          "\r\n",
                                          "  \n",
                                          "\xEF\xBB\xBF{\"a\": 1}\n",
                                          "{\"b\": \"\xE2\x82\xAC\"}\n",
                                          "{\"c\": 3}\r\n",
                                          "no JSON\n",
                                          "{\"a\": [1,\n",
                                          "\xEF\xBB\xBF\n"};
  for (int round = 0; round < 300; ++round) {
    std::string text = below(2) == 0 ? "\xEF\xBB\xBF" : "";
    text += "{\"first\": 1}\n{\"second\": 2}\n";
    for (std::uint32_t i = 0, count = below(30); i < count; ++i) text += kinds[random() % kinds.size()];
    if (below(3) == 0) text += "{\"cut\": ";
    const std::string path = folder.write("log.jsonl", text);
    const std::uint64_t piece_bytes = 1 + below(60);
    const Result<CutFile> cut = cut_lines(path, piece_bytes);
    ASSERT_TRUE(cut) << cut.error().message;
    EXPECT_EQ(cut->file->bytes, text.size());
    EXPECT_EQ(cut->file->hash, content_hash(text.data(), text.size()));
    if (cut->pieces.empty()) continue;  // the first line end is the last
    ASSERT_EQ(numbered_lines_of_pieces(path, *cut), numbered_lines_of(LineReader::open_any(path))) << text;
    for (std::size_t i = 0; i < cut->pieces.size(); ++i) {
      const LinePiece& piece = cut->pieces[i];
      EXPECT_TRUE(i == 0 || piece.begin == cut->pieces[i - 1].end);
      EXPECT_EQ(piece.hash, content_hash(text.data() + piece.begin, piece.end - piece.begin));
      EXPECT_TRUE(i + 1 == cut->pieces.size() || text[piece.end - 1] == '\n');
    }
    EXPECT_EQ(cut->pieces.back().end, text.size());
  }
}

TEST(LinePieces, OfABeginningStayThose) {
  const test::TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 200; ++i) text += fmt::format("{{\"row\": \"{}\"}}\n", std::string(i % 37, 'x'));
  const std::string path = folder.write("log.jsonl", text);
  const CutFile before = *cut_lines(path, 500);
  ASSERT_GT(before.pieces.size(), 8U);
  folder.write("log.jsonl", text + text);
  const CutFile after = *cut_lines(path, 500);
  for (std::size_t i = 0; i + 1 < before.pieces.size(); ++i) {
    EXPECT_EQ(after.pieces[i].begin, before.pieces[i].begin);
    EXPECT_EQ(after.pieces[i].end, before.pieces[i].end);
    EXPECT_EQ(after.pieces[i].hash, before.pieces[i].hash);
  }
}

TEST(LinePieces, AFileLargerThanTheBufferIsCutAlike) {
  const test::TemporaryFolder folder;
  std::string text;
  for (int i = 0; text.size() < (std::size_t{3} << 20); ++i)
    text +=
        fmt::format("{{\"row\": {}, \"x\": \"{}\"}}\n", i, std::string(static_cast<std::size_t>(i * 131 % 9000), 'x'));
  const std::string path = folder.write("log.jsonl", text);
  for (const std::uint64_t piece_bytes : {200'000U, 262'144U, 1'000'003U}) {
    const CutFile cut = *cut_lines(path, piece_bytes);
    EXPECT_NEAR(static_cast<double>(cut.pieces.size()),
                static_cast<double>(text.size()) / static_cast<double>(piece_bytes), 1.0);
    EXPECT_EQ(numbered_lines_of_pieces(path, cut), numbered_lines_of(LineReader::open_any(path)));
  }
}

TEST(LinePieces, FilesThatAreNotDocumentsByLineAreNotCut) {
  const test::TemporaryFolder folder;
  std::string lines, utf16 = "\xff\xfe";
  for (int i = 0; i < 100; ++i) lines += fmt::format("{{\"text\": \"row {}\"}}\n", i);
  for (const char c : lines) utf16.append({c, '\0'});
  std::string pretty, array = "[", table = "text,label\n", cr = lines;
  for (int i = 0; i < 100; ++i) {
    pretty += fmt::format("{{\n  \"text\": \"row {}\"\n}}\n", i);
    array += fmt::format("{}\n{{\"text\": \"row {}\"}}", i == 0 ? "" : ",", i);
    table += fmt::format("\"row\n{}\",A\n", i);
  }
  for (char& c : cr) c = c == '\n' ? '\r' : c;
  EXPECT_GT(cut_lines(folder.write("lines", lines), 100)->pieces.size(), 10U);
  for (const std::string& other :
       {pretty, array + "\n]\n", table, cr, utf16, tests::gzip(lines), tests::zstandard(lines)})
    EXPECT_TRUE(cut_lines(folder.write("other", other), 100)->pieces.empty()) << other.substr(0, 30);
}

TEST(LinePieces, AShortenedFileIsToldOf) {
  const test::TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 100; ++i) text += fmt::format("{{\"text\": \"row {}\"}}\n", i);
  const std::string path = folder.write("log.jsonl", text);
  const CutFile cut = *cut_lines(path, 500);
  folder.write("log.jsonl", text.substr(0, text.size() / 2));
  const Result<LineReader> last = LineReader::open_piece(path, cut.pieces.back());
  ASSERT_FALSE(last);
  EXPECT_THAT(last.error().message, testing::HasSubstr("it was shortened while it was read"));
}

}  // namespace
}  // namespace noggin::data
