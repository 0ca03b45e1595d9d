// Tables of separated values: RFC 4180 and what tools make of it.
#include "data/lines/csv.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

#include "data/lines/line_reader.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;

struct TableRead {
  std::vector<std::string> columns, rows;  // a row is JSON, or what stands in the file
  std::vector<std::uint64_t> numbers, offsets;
  std::vector<std::size_t> values;  // of a row that does not fit; else 0
  std::size_t too_long = 0;
  std::optional<Error> error;
};

TableRead read_table(const std::string& content, const TableOptions& options = {}) {
  const test::TemporaryFolder folder;
  TableRead read;
  Result<LineReader> reader = LineReader::open_table(folder.write("table.csv", content), options);
  if (!reader) {
    read.error = reader.error();
    return read;
  }
  read.columns = reader->columns();
  while (true) {
    const Result<std::optional<Line>> line = reader->next();
    if (!line) read.error = line.error();
    if (!line || !line->has_value()) return read;
    read.rows.emplace_back((*line)->text);
    read.numbers.push_back((*line)->number);
    read.offsets.push_back((*line)->offset);
    read.values.push_back((*line)->values == (*line)->columns ? 0 : (*line)->values);
    read.too_long += (*line)->too_long ? 1 : 0;
  }
}

TEST(Csv, AFirstRecordLikeThoseThatFollowIsARow) {
  const TableRead read = read_table("how do i pay\tbilling\nwhere is it\tshipping\nmy card\tbilling\nit\tbilling\n");
  ASSERT_FALSE(read.error);
  EXPECT_THAT(read.columns, ElementsAre("column_1", "column_2"));
  EXPECT_THAT(read.rows, ElementsAre(R"({"column_1":"how do i pay","column_2":"billing"})",
                                     R"({"column_1":"where is it","column_2":"shipping"})",
                                     R"({"column_1":"my card","column_2":"billing"})",
                                     R"({"column_1":"it","column_2":"billing"})"));
  EXPECT_THAT(read.numbers, ElementsAre(1, 2, 3, 4));
  // A class in another column says nothing, nor do names that are numbers.
  EXPECT_THAT(read_table("label,text\na,label\nb,label\n").columns, ElementsAre("label", "text"));
  EXPECT_THAT(read_table("text,0,1\nx,0.2,0.8\ny,1,0\n").columns, ElementsAre("text", "0", "1"));
}

TEST(Csv, UndoesQuotes) {
  const std::string table =
      "text,label\nplain,a\n\"with, comma\",b\n\"a \"\"quote\"\"\",c\n\"two\nlines\",d\n\"\",\"\"\n\"\"\"\",x\n,\n"
      "\"lone\rCR \xE2\x80\xA8\",y\n";
  for (const bool crlf : {false, true}) {
    std::string content;
    for (const char c : table) content += crlf && c == '\n' ? std::string("\r\n") : std::string(1, c);
    const TableRead read = read_table("\xEF\xBB\xBF" + content);
    ASSERT_FALSE(read.error);
    EXPECT_THAT(read.columns, ElementsAre("text", "label"));
    std::vector<std::string> texts;
    for (const std::string& row : read.rows) texts.push_back(Json::parse(row)["text"]);
    EXPECT_THAT(texts, ElementsAre("plain", "with, comma", "a \"quote\"", crlf ? "two\r\nlines" : "two\nlines", "",
                                   "\"", "", "lone\rCR \xE2\x80\xA8"));
    EXPECT_EQ(Json::parse(read.rows[3]), Json({{"text", texts[3]}, {"label", "d"}}));
    EXPECT_THAT(read.numbers, ElementsAre(2U, 3U, 4U, 5U, 7U, 8U, 9U, 10U));
    EXPECT_EQ(content.find("plain") + 3, read.offsets[0]);
  }
}

TEST(Csv, RecognisesTheSeparator) {
  for (const char separator : {'\t', ',', ';', '|'}) {
    std::string content = "text_label\n\"a_b\"_c\n";
    std::replace(content.begin(), content.end(), '_', separator);
    const TableRead read = read_table(content);
    ASSERT_EQ(read.rows.size(), 1U) << separator;
    EXPECT_EQ(Json::parse(read.rows[0])["text"], std::string("a") + separator + "b");
  }
  EXPECT_EQ(separator_of("\"a;b;c;d\",e"), ',');
  EXPECT_EQ(separator_of("text"), ',');
  EXPECT_THAT(read_table("sep=;\r\na,b;c\r\n1;2\r\n").columns, ElementsAre("a,b", "c"));
  EXPECT_THAT(read_table("sep=;\r\na,b;c\r\n1;2\r\n").numbers, ElementsAre(3U));
  EXPECT_THAT(read_table("a,b\rx,y\rz,\"1\r2\"\r").rows, ElementsAre("{\"a\":\"x\",\"b\":\"y\"}", testing::_));
}

TEST(Csv, NamesRowsThatDoNotFit) {
  const TableRead read = read_table("a,b\n1,2\n3\n4,5,6\n\n7,8");
  EXPECT_THAT(read.values, ElementsAre(0U, 1U, 3U, 0U));
  EXPECT_THAT(read.rows, ElementsAre("{\"a\":\"1\",\"b\":\"2\"}", "3", "4,5,6", "{\"a\":\"7\",\"b\":\"8\"}"));
  EXPECT_THAT(read.numbers, ElementsAre(2U, 3U, 4U, 6U));
}

TEST(Csv, ColumnsCanBeNamedByTheCaller) {
  const TableRead read = read_table("yes\t\"a \"\"text\"\"\"\nno\tb\n", {'\t', {"label", "text"}});
  ASSERT_EQ(read.rows.size(), 2U);
  EXPECT_EQ(Json::parse(read.rows[0])["text"], "a \"text\"");
  EXPECT_THAT(read.numbers, ElementsAre(1U, 2U));
}

TEST(Csv, AQuoteThatIsNeverClosedIsNamedByItsLine) {
  const TableRead read = read_table("text,label\na,b\nc,\"d\ne,f\ng,h\n");
  EXPECT_EQ(read.rows.size(), 1U);
  ASSERT_TRUE(read.error);
  EXPECT_EQ(read.error->code, ErrorCode::kBadData);
  EXPECT_THAT(read.error->message, HasSubstr("table.csv:3: the quote that opens a value here is never closed"));
}

// Tables that were written without any quoting lose no line to a quotation mark.
TEST(Csv, QuotationMarksOfUnquotedTablesAreText) {
  const TableRead read = read_table(
      "text\tlabel\n\"Why?\" she said\tx\n\"Never closed\tx\nhe said \"yes\"\tx\n\"quoted\"\tx\n\"two\nlines\"\tx\n"
      "\"Opened\tx\nand closed\"\tx\n");
  ASSERT_FALSE(read.error);
  std::vector<std::string> texts;
  for (const std::string& row : read.rows) texts.push_back(Json::parse(row)["text"]);
  EXPECT_THAT(texts, ElementsAre("\"Why?\" she said", "\"Never closed", "he said \"yes\"", "quoted", "two\nlines",
                                 "\"Opened", "and closed\""));
}

TEST(Csv, AHeaderNamesAColumnOnce) {
  const TableRead read = read_table("text,label,text\na,b,c\n");
  ASSERT_TRUE(read.error);
  EXPECT_THAT(read.error->message, HasSubstr("two columns are called \"text\""));
  EXPECT_THAT(read_table(",text,\n1,2,3\n").columns, ElementsAre("", "text", "")) << "columns of an index have no name";
}

TEST(Csv, BoundsARecord) {
  std::string content = "text,label\na,b\n";
  content.append(kMaxLineBytes + 5, 'x');
  content += ",c\nd,e\n";
  const TableRead read = read_table(content);
  EXPECT_EQ(read.rows.size(), 3U);
  EXPECT_EQ(read.too_long, 1U);
  EXPECT_THAT(read.numbers, ElementsAre(2U, 3U, 4U));
  content.insert(content.find("xx"), 1, '"');
  ASSERT_TRUE(read_table(content).error);
  EXPECT_THAT(read_table(content).error->message, HasSubstr("table.csv:3: the quote"));
}

// What a strict writer writes is read back, whatever the values, and however the text arrives.
TEST(Csv, ReadsBackWhatAWriterWrites) {
  std::mt19937 random(3);
  const std::string alphabet = "ab\"\",;\t|\n\r \\{[";
  for (int round = 0; round < 500; ++round) {
    const char separator = ",;|"[random() % 3];
    std::string content = std::string("a") + separator + "b" + separator + "c\n";
    std::vector<Json> rows;
    for (std::size_t i = 1 + random() % 5; i > 0; --i) {
      Json row;
      for (const char* name : {"a", "b", "c"}) {
        std::string value, quoted = "\"";
        for (std::size_t k = random() % 12; k > 0; --k) value += alphabet[random() % alphabet.size()];
        for (const char c : value) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        content += quoted;
        content += *name == 'c' ? "\"\r\n" : std::string("\"") + separator;
        row[name] = value;
      }
      rows.push_back(row);
    }
    const TableRead read = read_table(content, {separator, {}});
    ASSERT_FALSE(read.error) << content << read.error->message;
    ASSERT_EQ(read.rows.size(), rows.size()) << content;
    for (std::size_t i = 0; i < rows.size(); ++i)
      ASSERT_EQ(Json::parse(read.rows[i], nullptr, false), rows[i]) << content;
  }
}

TEST(Csv, ATableIsKnownByItsHeader) {
  for (const std::string& table : std::vector<std::string>{"text,label\na,b\n", "text\tlabel\r\n\"a\nb\"\tc\r\n",
                                                           "a;b;c\n1;2;3\n4;5;6", "a,b\r1,2\r", "a,b\n\"x,\ny\",z\n"})
    EXPECT_TRUE(is_table(table, true)) << table;
  for (const std::string& text :
       std::vector<std::string>{"{\"a\": 1, \"b\": 2}\n{\"a\": 1, \"b\": 2}\n", "[1, 2]\n[3, 4]\n", "one\ntwo\n", "",
                                "Dear all,\nwe, too, are here\n", "a,b\n", "a,a\n1,2\n", "a,b\n1,2\n3\n"})
    EXPECT_FALSE(is_table(text, true)) << text;
  // The last record that is looked at may be cut.
  EXPECT_TRUE(is_table("text,label\na,b\nc,d\ne", false));
}

TEST(Csv, ASplitInPiecesIsTheSame) {
  const std::string record = "\"a \"\"b\"\",\nc\",d,\"e\" f,\"\",g\r\n";
  for (std::size_t piece = 1; piece < record.size(); ++piece) {
    CsvScanner scanner(',', '\n');
    CsvScanner::Found found;
    for (std::size_t size = piece; found.stop == CsvScanner::Stop::kMore; size += piece)
      found = scanner.scan(std::string_view(record).substr(0, size), size >= record.size());
    EXPECT_EQ(found.at, record.size() - 1) << piece;
  }
}

}  // namespace
}  // namespace noggin::data
