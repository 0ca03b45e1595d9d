// Files that are no text: refused once, by what they are, with the command to run.
#include "data/lines/file_kind.h"

#include <gmock/gmock.h>

#include "data/lines/line_reader.h"
#include "tests/support/data_compressed.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

struct Foreign {
  std::string start, name, command;
};

const std::vector<Foreign>& foreign_files() {
  static const std::vector<Foreign> all = {
      {"PAR1\x15\x04\x15", "a Parquet file", "pandas.read_parquet(sys.argv[1])"},
      {"ARROW1\0\0"s, "an Arrow (Feather) file", "pandas.read_feather"},
      {"\xff\xff\xff\xff\x70\0\0\0"s, "an Arrow stream", "pyarrow.ipc.open_stream"},
      {"ORC\x0a\x06", "an ORC file", "pandas.read_orc"},
      {"Obj\x01\x04\x14", "an Avro file", "fastavro.reader"},
      {"SQLite format 3\0\x10"s, "a SQLite database", "sqlite3 -json"},
      {"\x89HDF\r\n\x1a\n", "an HDF5 file", "pandas.read_hdf"},
      {"\x93NUMPY\x01\0v\0{'descr'"s, "a NumPy array", "numpy.load"},
      {"PK\x03\x04\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x07\0\0\0a.jsonl{"s, "a zip archive", "unzip -p"},
      {"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml"s, "a spreadsheet",
       "pandas.read_excel"},
      {std::string(257, 'x').append("ustar\x00"
                                    "00",
                                    8),
       "a tar archive", "tar -xOf"},
      {"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "7z x -so"},
      {"\x04\x22\x4d\x18", "an LZ4 file", "lz4 -dc"},
      {"%PDF-1.7\n", "a PDF document", "pdftotext"},
      {"\x89PNG\r\n\x1a\n", "an image (PNG)", "name the log itself"},
      {"\xff\xd8\xff\xe0", "an image (JPEG)", "name the log itself"},
      {"\x80\x04\x95\x10\0\0\0"s, "a Python pickle", "only if you trust it"},
      {"\xff\xfe\0\0{\0\0\0"s, "text in UTF-32", "iconv -f UTF-32 -t UTF-8"},
      {"<!DOCTYPE html>\n<html><head><title>Sign in</title>", "a web page", "signed in"},
      {"\xEF\xBB\xBF\n  <HTML>", "a web page", "signed in"},
      {"<?xml version=\"1.0\"?><rows/>", "an XML file", "pandas.read_xml"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS", "git lfs pull"},
  };
  return all;
}

std::string refusal_of(const std::string& path) {
  const auto reader = LineReader::open(path);
  if (reader) return "";
  EXPECT_EQ(reader.error().code, ErrorCode::kBadData);
  return reader.error().message;
}

TEST(FileKind, RefusesWhatIsNoTextWithACommand) {
  const test::TemporaryFolder folder;
  for (const Foreign& foreign : foreign_files()) {
    const std::string path = folder.write("it's a log", foreign.start);
    const std::string message = refusal_of(path);
    EXPECT_THAT(message, testing::StartsWith(path + " is " + foreign.name));
    EXPECT_THAT(message, HasSubstr(foreign.command));
    if (message.find("name the log itself") == std::string::npos && foreign.name != "a web page") {
      EXPECT_THAT(message, HasSubstr("/it'\\''s a log'")) << "quoted for a shell";
    }
    // The same inside a compression.
    EXPECT_THAT(refusal_of(folder.write("packed", tests::xz(foreign.start))), HasSubstr(" is " + foreign.name));
  }
}

TEST(FileKind, RefusesBinaryDataOfNoKnownKind) {
  const test::TemporaryFolder folder;
  std::string random;
  for (std::uint32_t i = 1; random.size() < 5000; i = i * 1664525U + 1013904223U) random += static_cast<char>(i >> 24U);
  EXPECT_THAT(refusal_of(folder.write("log", "x" + random)), HasSubstr("is no text"));
  EXPECT_THAT(refusal_of(folder.write("log", std::string(5000, '\0'))), HasSubstr("is no text"));
}

TEST(FileKind, NestedCompressionIsNotFollowed) {
  const test::TemporaryFolder folder;
  const std::string rows = "{\"text\": \"a\"}\n";
  for (const std::string& inner : {tests::gzip(rows), tests::xz(rows), tests::bzip2(rows), tests::zstandard(rows)})
    EXPECT_THAT(refusal_of(folder.write("log.gz", tests::gzip(inner))), HasSubstr("is compressed twice"));
}

// Text of any kind is for its reader to judge, row by row.
TEST(FileKind, LeavesTextAlone) {
  for (const std::string& text :
       {"{\"a\": \"\x01\x02\x03\x04\"}"s, "text,label\nPAR1,x\n"s, "\xe9t\xe9 in Latin-1\n"s, "PK is a club\n"s,
        "{\"a\": \"\0\0\0\0\"}\n"s, "\x1b[1mcoloured\x1b[0m\n"s, "Obj\n"s, "<b>bold</b>\tx\n"s, "BZh is a name\n"s,
        "ID,text\n1,a\n"s, "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\n"s})
    EXPECT_FALSE(refuse_binary(text, "log", false)) << text;
}

}  // namespace
}  // namespace noggin::data
