// Documents in every wrapping, whole, cut and damaged.
#include "data/lines/wrapping.h"

#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "bytes/utf8.h"
#include "data/lines/line_reader.h"
#include "tests/support/data_compressed.h"
#include "tests/support/data_each_document.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct WrappedRead {
  std::vector<std::string> texts;
  std::vector<std::uint64_t> numbers, offsets;
  std::vector<bool> terminated;
  Wrapping wrapping = Wrapping::kLines;
  std::string cut_reason;
  std::optional<Error> error;
};

WrappedRead read_wrapped(const std::string& content) {
  WrappedRead read;
  const tests::DocumentsEnd end = tests::each_document(content, [&read](const Line& line) {
    read.texts.emplace_back(line.text);
    read.numbers.push_back(line.number);
    read.offsets.push_back(line.offset);
    read.terminated.push_back(line.terminated);
  });
  read.error = end.error;
  if (end.error) return read;
  EXPECT_EQ(end.reader->stream().file_bytes(), content.size()) << "not read to its end";
  EXPECT_EQ(end.reader->cut(), !end.reader->cut_reason().empty());
  read.wrapping = end.reader->wrapping();
  read.cut_reason = end.reader->cut_reason();
  return read;
}

std::vector<Json> sample_rows() {
  std::vector<Json> rows;
  for (int i = 0; i < 20; ++i)
    rows.push_back({{"text", "row \"" + std::to_string(i) + "\" {[, \\ \n\r é 😀 \xE2\x80\xA8 ]}"},
                    {"label", i % 2 == 0 ? "even" : "odd"},
                    {"spans", Json::array({{{"start", i}}, Json::array(), Json::object()})}});
  return rows;
}

std::string joined(const std::vector<Json>& rows, int indent, const std::string& before, const std::string& after) {
  std::string text;
  for (const Json& row : rows) {
    text += before;
    text += row.dump(indent);
    text += after;
  }
  return text;
}

std::string utf16(std::string_view text, bool little, bool mark) {
  std::string out;
  const auto add = [&](std::uint32_t unit) {
    const char low = static_cast<char>(unit & 0xffU), high = static_cast<char>(unit >> 8U);
    out += little ? low : high;
    out += little ? high : low;
  };
  if (mark) add(0xFEFF);
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t code_point = decode_utf8(text, at);
    if (code_point >= 0x10000) {
      add(0xD800 + ((code_point - 0x10000) >> 10U));
      add(0xDC00 + ((code_point - 0x10000) & 0x3ffU));
    } else {
      add(code_point);
    }
  }
  return out;
}

void expect_rows(const WrappedRead& read, const std::vector<Json>& rows, const std::string& where) {
  ASSERT_FALSE(read.error) << where << ": " << read.error->message;
  ASSERT_EQ(read.texts.size(), rows.size()) << where;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(Json::parse(read.texts[i], nullptr, false), rows[i]) << where << ": " << read.texts[i];
    EXPECT_TRUE(read.terminated[i]) << where;
  }
  EXPECT_EQ(read.cut_reason, "") << where;
}

struct Wrapped {
  std::string content;
  Wrapping wrapping;
};

std::vector<Wrapped> every_wrapping(const std::vector<Json>& rows) {
  const std::string lines = joined(rows, -1, "", "\n");
  const std::string array = Json(rows).dump();
  return {
      {lines, Wrapping::kLines},
      {joined(rows, -1, "", "\r\n"), Wrapping::kLines},
      {joined(rows, -1, "", "\r\r\n"), Wrapping::kLines},
      {joined(rows, -1, "", "\r"), Wrapping::kCrLines},
      {array, Wrapping::kArray},
      {array + "\n", Wrapping::kArray},
      {Json(rows).dump(2), Wrapping::kArray},
      {Json(rows).dump(0) + "\r\n", Wrapping::kArray},
      {"[\n" + joined(rows, -1, "", ",\n") + "]", Wrapping::kArray},
      {joined(rows, 4, "", "\n"), Wrapping::kDocuments},
      {joined(rows, 0, "", "\n"), Wrapping::kDocuments},
      {joined(rows, 1, "", "\r\n"), Wrapping::kDocuments},
      {joined(rows, 2, "", ",\n"), Wrapping::kDocuments},
      {joined(rows, 2, "\n", ""), Wrapping::kDocuments},
      {joined(rows, -1, "", ""), Wrapping::kDocuments},
      {joined(rows, -1, "", " "), Wrapping::kDocuments},
      {joined(rows, -1, "", ",\n"), Wrapping::kDocuments},
      {joined(rows, -1, "\x1e", "\n"), Wrapping::kRecordSeparators},
      {joined(rows, 2, "\x1e", "\n"), Wrapping::kRecordSeparators},
      {joined(rows, -1, "\x1e", ""), Wrapping::kRecordSeparators},
      {joined(rows, -1, "data: ", "\n\n") + "data: [DONE]\n\n", Wrapping::kEvents},
      {joined(rows, -1, "event: row\nid: 5\ndata:", "\r\n\r\n"), Wrapping::kEvents},
      {": a comment\n\n" + joined(rows, -1, "data: ", "\n"), Wrapping::kEvents},
  };
}

TEST(Wrapping, GivesTheSameRowsInEveryOne) {
  const std::vector<Json> rows = sample_rows();
  for (const Wrapped& wrapped : every_wrapping(rows)) {
    const std::string shown = wrapped.content.substr(0, 60);
    const WrappedRead plain = read_wrapped(wrapped.content);
    expect_rows(plain, rows, shown);
    EXPECT_EQ(wrapping_name(plain.wrapping), wrapping_name(wrapped.wrapping)) << shown;
    const char line_end = wrapped.content.find('\n') == std::string::npos ? '\r' : '\n';
    for (std::size_t i = 0; i < plain.texts.size(); ++i) {
      EXPECT_EQ(wrapped.content.substr(plain.offsets[i], plain.texts[i].size()), plain.texts[i]) << shown;
      const auto begin = wrapped.content.begin();
      const auto ends = std::count(begin, begin + static_cast<std::ptrdiff_t>(plain.offsets[i]), line_end);
      EXPECT_EQ(plain.numbers[i], static_cast<std::uint64_t>(ends) + 1) << shown << " document " << i;
    }
    const WrappedRead marked = read_wrapped("\xEF\xBB\xBF" + wrapped.content);
    expect_rows(marked, rows, "with a mark: " + shown);
    EXPECT_EQ(marked.offsets[0], plain.offsets[0] + 3);
    for (const bool little : {true, false})
      for (const bool mark : {true, false}) {
        const WrappedRead wide = read_wrapped(utf16(wrapped.content, little, mark));
        expect_rows(wide, rows, "in UTF-16: " + shown);
        EXPECT_EQ(wide.wrapping, wrapped.wrapping);
        EXPECT_EQ(wide.numbers, plain.numbers);
      }
    const WrappedRead packed = read_wrapped(tests::bzip2(wrapped.content));
    expect_rows(packed, rows, "in bzip2: " + shown);
    EXPECT_EQ(packed.numbers, plain.numbers);
  }
}

// What JSON lines hold is for their reader to judge, whatever it is: they stay lines.
TEST(Wrapping, JsonLinesStayLines) {
  const std::string row = R"({"text": "a", "label": "b"})";
  for (const std::string& first : {std::string(R"({"text": "cut)"),
                                   std::string("{"),
                                   std::string(R"({"text": "a",)"),
                                   std::string(R"({"text":)"),
                                   std::string(R"({"text": "a"} {)"),
                                   std::string(R"({"text": "a"}, x)"),
                                   std::string("[INFO] started"),
                                   std::string("[2024-05-01 12:00] started"),
                                   std::string("# a comment"),
                                   std::string("null"),
                                   std::string("{}"),
                                   std::string(R"(["a", "b"])"),
                                   std::string("[]"),
                                   std::string(R"([{"role": "user"}])"),
                                   std::string("{{"),
                                   std::string(R"({"a": [1, 2})"),
                                   std::string("{'text': 'a'}"),
                                   std::string("\0\0\0\0{", 5),
                                   std::string("[1"),
                                   std::string(R"({"text": "a)") + '\r' + R"(b"})"}) {
    std::string content = first;
    for (int i = 0; i < 3; ++i) {
      content += '\n';
      content += row;
    }
    const WrappedRead read = read_wrapped(content);
    ASSERT_FALSE(read.error) << first << read.error->message;
    EXPECT_THAT(read.texts, ElementsAre(first, row, row, row));
    EXPECT_THAT(read.numbers, ElementsAre(1U, 2U, 3U, 4U)) << first;
    EXPECT_EQ(read.cut_reason, "") << first;
  }
  // The first line may be longer than what is looked at.
  std::string long_row = R"({"text": ")";
  long_row.append(3 << 20, 'x');
  long_row += "\"}";
  EXPECT_THAT(read_wrapped(long_row + "\n" + row + "\n{\n").texts, ElementsAre(long_row, row, "{"));
}

TEST(Wrapping, ElementsOfAnArrayMayBeAnything) {
  const WrappedRead read = read_wrapped("[ {},1,\n\"a, ]\\\"\" ,null\n,[2,[]] ,, {\"b\":{}}{},-1e5]\n[true]");
  EXPECT_THAT(read.texts, ElementsAre("{}", "1", "\"a, ]\\\"\"", "null", "[2,[]]", "{\"b\":{}}", "{}", "-1e5", "true"));
  EXPECT_THAT(read.numbers, ElementsAre(1U, 1U, 2U, 2U, 3U, 3U, 3U, 3U, 4U));
  EXPECT_EQ(read.cut_reason, "");
  EXPECT_THAT(read_wrapped("[]").texts, IsEmpty());
  EXPECT_EQ(read_wrapped("[]").cut_reason, "");
}

// At every byte, an array or pretty-printed document that ends early is known as cut, and gives what is before.
TEST(Wrapping, ACutFileIsCut) {
  std::vector<Json> rows = sample_rows();
  rows.resize(2);
  for (const std::string& whole : {Json(rows).dump(), Json(rows).dump(1), joined(rows, 1, "", "\n")}) {
    for (std::size_t length = 2; length < whole.size(); ++length) {
      const std::string content = whole.substr(0, length);
      const WrappedRead read = read_wrapped(content);
      ASSERT_FALSE(read.error) << content << read.error->message;
      std::size_t complete = 0;
      while (complete < read.texts.size() && complete < rows.size() &&
             Json::parse(read.texts[complete], nullptr, false) == rows[complete])
        ++complete;
      const bool between = !whole.starts_with('[') && (whole[length - 1] == '}' || whole[length] == '{') &&
                           complete == read.texts.size();
      if (between) continue;
      if (!whole.starts_with('[') && content.find("\n}") == std::string::npos && read.wrapping == Wrapping::kLines) {
        EXPECT_EQ(content.find('\n'), std::string::npos) << content;  // one bad line
        continue;
      }
      EXPECT_NE(read.cut_reason, "") << content;
      EXPECT_LE(read.texts.size(), complete + 1) << content;
      if (read.texts.size() > complete) {
        EXPECT_FALSE(read.terminated.back()) << content;
      }
    }
  }
}

TEST(Wrapping, TextBehindAnArrayIsNotLost) {
  const WrappedRead read = read_wrapped("[{\"a\": 1},\n{\"a\": 2}]\ntrailing, text\n[{\"a\": 3}]\n");
  EXPECT_THAT(read.texts, ElementsAre("{\"a\": 1}", "{\"a\": 2}", "trailing, text"));
  EXPECT_THAT(read.numbers, ElementsAre(1U, 2U, 3U));
  EXPECT_THAT(read.cut_reason, HasSubstr("goes on after the bracket"));
}

TEST(Wrapping, BracketsThatDoNotMatchEndAnArray) {
  const WrappedRead read = read_wrapped("[{\"a\": 1}, {\"a\": [2}, {\"a\": 3}]");
  EXPECT_THAT(read.texts, ElementsAre("{\"a\": 1}", "{\"a\": [2"));
  EXPECT_THAT(read.cut_reason, HasSubstr("do not match"));
}

// A writer that was stopped and started again leaves one bad document, not a bad file.
TEST(Wrapping, PrettyPrintedDocumentsGoOnAfterACutOne) {
  const std::string good = "{\n  \"a\": [\n    1\n  ]\n}\n";
  for (const std::string& bad :
       std::vector<std::string>{"{\n  \"a\": \"cut\n", "{\n  \"a\": 1,\n", "{\n  \"a\":\n    [1}\n",
                                "{\n  \"a\": [\n    {\n      \"b\": 1\n", "{\n", "not JSON\n"}) {
    const WrappedRead read = read_wrapped(good + bad + good + good);
    ASSERT_FALSE(read.error) << bad;
    ASSERT_EQ(read.texts.size(), 4U) << bad;
    EXPECT_EQ(read.numbers[1], 6U) << bad;
    EXPECT_FALSE(Json::accept(read.texts[1])) << bad;
    for (const std::size_t i : {0U, 2U, 3U}) EXPECT_TRUE(Json::accept(read.texts[i])) << bad;
    EXPECT_EQ(read.cut_reason, "") << bad;
  }
}

TEST(Wrapping, InvalidUtf16BecomesReplacementCharacters) {
  using namespace std::string_literals;
  // A lone high half, a lone low half, and a pair.
  const WrappedRead read = read_wrapped("\xff\xfe\"\0\x00\xd8x\0\x00\xdc\x3d\xd8\x00\xde\"\0"s);
  EXPECT_THAT(read.texts, ElementsAre("\"\uFFFDx\uFFFD\U0001F600\""));
  EXPECT_EQ(read.cut_reason, "");
  EXPECT_THAT(read_wrapped("\xff\xfe{\0}\0\n"s).cut_reason, HasSubstr("inside a character"));
}

TEST(Wrapping, RefusesPiecesOfStreamedAnswers) {
  for (const std::string& piece : std::vector<std::string>{
           R"({"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"A"}}]})",
           R"({"choices": [{"delta": {"content": "A"}}]})", R"({"type":"message_start","message":{"id":"m"}})",
           R"({"type":"response.created","response":{}})"}) {
    std::string content = "data: ";
    content += piece;
    const WrappedRead read = read_wrapped(content + "\n\ndata: [DONE]\n");
    ASSERT_TRUE(read.error) << piece;
    EXPECT_EQ(read.error->code, ErrorCode::kBadData);
    EXPECT_THAT(read.error->message, HasSubstr("pieces of streamed answers"));
  }
}

// Random documents, random white space: every document as it was written, on its line.
TEST(Wrapping, SplitsRandomDocuments) {
  std::mt19937 random(7);
  const auto pick = [&random](std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); };
  const std::string alphabet = "\\\"{}[],: \t\r\nax\u00e9";
  const std::function<Json(int)> make = [&](int depth) -> Json {
    switch (depth > 4 ? pick(3) : pick(5)) {
      case 0:
        return pick(1000);
      case 1:
        return nullptr;
      case 2: {
        std::string text;
        for (std::uint32_t i = pick(80); i > 0; --i) text += alphabet.substr(pick(14), 1);
        return text + "\u00e9";
      }
      case 3: {
        Json array = Json::array();
        for (std::uint32_t i = pick(4); i > 0; --i) array.push_back(make(depth + 1));
        return array;
      }
      default: {
        Json object = Json::object();
        for (std::uint32_t i = pick(4); i > 0; --i) object["k\\\"" + std::to_string(i)] = make(depth + 1);
        return object;
      }
    }
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<Json> rows;
    for (std::uint32_t i = 1 + pick(6); i > 0; --i) rows.push_back({{"x", make(0)}, {"y", make(2)}});
    const int indent = static_cast<int>(pick(3)) - 1;
    expect_rows(read_wrapped(Json(rows).dump(indent)), rows, Json(rows).dump(indent));
    const std::string documents = joined(rows, indent, "", "\n");
    expect_rows(read_wrapped(documents), rows, documents);
  }
}

TEST(Wrapping, LinesWithLabelsAreRows) {
  const WrappedRead read = read_wrapped(
      "__label__spam win \"money\" now, free\r\n__label__ham   see you\\\n\n__label__a __label__b both\n__label__none\n"
      "no label\n");
  EXPECT_EQ(read.wrapping, Wrapping::kLabelledLines);
  EXPECT_THAT(
      read.texts,
      ElementsAre(R"({"label":"spam","text":"win \"money\" now, free"})", R"({"label":"ham","text":"see you\\"})",
                  R"({"labels":"[\"a\",\"b\"]","text":"both"})", R"({"label":"none","text":""})", "no label"));
  EXPECT_THAT(read.numbers, ElementsAre(1, 2, 4, 5, 6));
}

}  // namespace
}  // namespace noggin::data
