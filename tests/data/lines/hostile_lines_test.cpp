// Input made to exhaust memory, time or the stack: read or refused with a bound on both.
#include <gmock/gmock.h>

#include <tuple>

#include "data/lines/line_reader.h"
#include "tests/support/data_compressed.h"
#include "tests/support/data_each_document.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::HasSubstr;

struct HostileRead {
  std::size_t documents = 0, too_long = 0, longest = 0;
  std::uint64_t last_number = 0;
  std::string cut_reason;
  std::optional<Error> error;
};

HostileRead read_hostile(const std::string& content) {
  HostileRead read;
  const tests::DocumentsEnd end = tests::each_document(content, [&read](const Line& line) {
    ++read.documents;
    read.too_long += line.too_long ? 1 : 0;
    read.longest = std::max(read.longest, line.text.size());
    read.last_number = line.number;
  });
  read.error = end.error;
  if (end.reader) read.cut_reason = end.reader->cut_reason();
  return read;
}

std::string long_object(std::size_t bytes) {
  std::string object = "{\"text\": \"";
  object.append(bytes, 'x');
  return object += "\"}";
}

TEST(HostileLines, ADocumentOf100MegabytesIsOneThatIsTooLong) {
  const std::string huge = long_object(100'000'000), small = "{\"a\": 1}";
  for (const auto& [before, between, after] : {std::tuple{"", "\n", "\n"}, {"[\n", ",\n", "\n]"}}) {
    const HostileRead read = read_hostile(before + small + between + huge + between + small + after);
    EXPECT_FALSE(read.error);
    EXPECT_EQ(read.documents, 3U) << before;
    EXPECT_EQ(read.too_long, 1U) << before;
    EXPECT_EQ(read.longest, kExcerptBytes) << before;
    EXPECT_EQ(read.cut_reason, "") << before;
  }
  std::string pretty = huge;
  pretty.insert(1, "\n");
  const HostileRead read = read_hostile(pretty + "\n{\n}\n");
  EXPECT_EQ(read.too_long, 1U);
  EXPECT_EQ(read.documents, 2U);
}

TEST(HostileLines, ALineThatIsLongerThanAFirstLookIsWhole) {
  const std::string large = long_object(20'000'000);
  const HostileRead read = read_hostile("[" + large + "," + large + "]");
  EXPECT_EQ(read.documents, 2U);
  EXPECT_EQ(read.too_long, 0U);
  EXPECT_EQ(read.longest, large.size());
}

TEST(HostileLines, AnyDepth) {
  for (const std::string& open :
       {std::string("["), std::string("{\"a\":"), std::string("{\n\"a\":"), std::string("[\n")}) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += open;
    const HostileRead unclosed = read_hostile(deep);
    EXPECT_FALSE(unclosed.error);
    EXPECT_LE(unclosed.documents, 1U) << open;
    std::string closed = deep + "1";
    for (int i = 0; i < 100'000; ++i) closed += open[0] == '[' ? ']' : '}';
    EXPECT_EQ(read_hostile(closed).documents, 1U) << open;
    EXPECT_EQ(read_hostile(closed).cut_reason, "") << open;
  }
}

TEST(HostileLines, ManyKeysInOneDocument) {
  std::string keys = "[{";
  for (int i = 0; i < 2'000'000; ++i) {
    keys += i == 0 ? "\"" : ",\"";
    keys += std::to_string(i);
    keys += "\":0";
  }
  keys += "}]";
  const HostileRead read = read_hostile(keys);
  EXPECT_EQ(read.documents, 1U);
  EXPECT_EQ(read.longest, keys.size() - 2);
}

TEST(HostileLines, ManySmallElementsOfAnArray) {
  std::string array = "[{}";
  for (int i = 0; i < 1'000'000; ++i) array += ",[],{},1";
  EXPECT_EQ(read_hostile(array + "]").documents, 3'000'001U);
}

TEST(HostileLines, AnUnclosedStringIsCutAndBounded) {
  std::string text = "[{\"a\": \"";
  text.append(std::size_t{70} << 20, '{');
  const HostileRead read = read_hostile(text);
  EXPECT_EQ(read.documents, 1U);
  EXPECT_EQ(read.too_long, 1U);
  EXPECT_THAT(read.cut_reason, HasSubstr("ends inside a JSON document"));
}

// Compressed data that gives no document for long is given up, and its message names the line.
TEST(HostileLines, CompressedNothing) {
  for (const char nothing : {'\n', ' ', 'x'}) {
    const std::string block = tests::zstandard(std::string(std::size_t{8} << 20, nothing));
    std::string bomb = tests::zstandard("{\"a\": 1}\n");
    bomb.reserve(bomb.size() + 512 * block.size());
    for (int i = 0; i < 512; ++i) bomb += block;  // 4 GiB
    const HostileRead read = read_hostile(bomb);
    ASSERT_TRUE(read.error) << nothing;
    EXPECT_EQ(read.error->code, ErrorCode::kBadData);
    EXPECT_THAT(read.error->message, HasSubstr("bomb"));
    EXPECT_EQ(read.documents, 1U);
  }
}

TEST(HostileLines, NulBytesAreForTheReaderOfARow) {
  const std::string nul(5, '\0');
  const HostileRead read = read_hostile("{\"a\": 1}\n" + nul + "\n{\"a\": \"" + nul + "\"}\n");
  EXPECT_FALSE(read.error);
  EXPECT_EQ(read.documents, 3U);
  EXPECT_EQ(read.last_number, 3U);
}

}  // namespace
}  // namespace noggin::data
