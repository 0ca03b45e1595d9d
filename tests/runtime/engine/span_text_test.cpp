#include "engine/span_text.h"

#include <gtest/gtest.h>

#include <random>

namespace noggin::runtime {
namespace {

constexpr std::string_view kTypes[] = {"EMAIL", "NAME"};

// Where `parts` lie in the text, one after the other.
std::vector<TaggedSpan> spans_of(std::string_view text, std::initializer_list<std::string_view> parts,
                                 std::uint32_t type = 0) {
  std::vector<TaggedSpan> spans;
  std::size_t from = 0;
  for (const std::string_view part : parts) {
    const std::size_t begin = text.find(part, from);
    EXPECT_NE(begin, text.npos) << part;
    from = begin + part.size();
    spans.push_back({{begin, from}, type, 1.0F});
  }
  return spans;
}

std::string masked(std::string_view text, std::initializer_list<std::string_view> parts) {
  return masked_text(text, spans_of(text, parts), kTypes);
}

std::string edited(std::string_view text, std::initializer_list<std::string_view> parts) {
  return edited_text(text, spans_of(text, parts));
}

TEST(MaskedText, ReplacesSpansByTheirType) {
  EXPECT_EQ(masked("mail anna@example.org now", {"anna@example.org"}), "mail [EMAIL] now");
  EXPECT_EQ(masked("a b", {"a", "b"}), "[EMAIL] [EMAIL]");
  EXPECT_EQ(masked("ab", {"a", "b"}), "[EMAIL][EMAIL]");
  EXPECT_EQ(masked("", {}), "");
  EXPECT_EQ(masked(" \n nothing ", {}), " \n nothing ");
  EXPECT_EQ(masked_text("Zo\u00EB", spans_of("Zo\u00EB", {"Zo\u00EB"}, 1), kTypes), "[NAME]");
}

TEST(EditedText, TidiesTheWhiteSpaceAroundWhatWent) {
  EXPECT_EQ(edited("Show uh, no wait , the map", {"uh, no wait ,"}), "Show the map");
  EXPECT_EQ(edited("the map , please ?", {"please"}), "the map ,?");
  EXPECT_EQ(edited("um what is it", {"um"}), "what is it");
  EXPECT_EQ(edited(" um what is it", {"um"}), "what is it");
  EXPECT_EQ(edited("what is it um\n", {"um"}), "what is it");
  EXPECT_EQ(edited("what um\n is it", {"um"}), "what is it");
  EXPECT_EQ(edited("a uh b er c", {"uh", "er"}), "a b c");
  EXPECT_EQ(edited("a uh er c", {"uh", "er"}), "a c");
  EXPECT_EQ(edited("what uh ?", {"uh"}), "what?");
  EXPECT_EQ(edited("what uh \u00BFno", {"uh"}), "what \u00BFno");
  EXPECT_EQ(edited("uh", {"uh"}), "");
  EXPECT_EQ(edited(" uh  er ", {"uh", "er"}), "");
}

TEST(EditedText, AddsNoSpaceWhereThereWasNone) {
  EXPECT_EQ(edited("re-send", {"re-"}), "send");
  EXPECT_EQ(edited("one-uh-two", {"uh"}), "one--two");
  EXPECT_EQ(edited("is,uh two", {"uh"}), "is, two");
  EXPECT_EQ(edited("is uh-two", {"uh"}), "is -two");
  EXPECT_EQ(edited("a uh b-er-c", {"uh", "er"}), "a b--c");
}

TEST(EditedText, LeavesOtherWhiteSpaceAlone) {
  EXPECT_EQ(edited("  a  b\t", {}), "  a  b\t");
  EXPECT_EQ(edited("  a  uh  b  c ", {"uh"}), "  a b  c ");
}

// Random bytes and spans: what lies outside spans is there, in order, byte by byte.
struct RandomSpans {
  std::string text;
  std::vector<TaggedSpan> spans;
};

RandomSpans random_spans(std::mt19937& random) {
  RandomSpans made;
  for (std::size_t i = random() % 60; i > 0; --i) {
    made.text += random() % 2 == 0 ? " \t,.a"[random() % 5] : static_cast<char>(random());
  }
  for (std::size_t begin = random() % 7; begin < made.text.size();) {
    const std::size_t end = std::min(made.text.size(), begin + 1 + random() % 9);
    made.spans.push_back({{begin, end}, static_cast<std::uint32_t>(random() % 2), 1.0F});
    begin = end + random() % 9;
  }
  return made;
}

TEST(MaskedText, KeepsAllBytesOutsideOfSpans) {
  std::mt19937 random(8);
  for (int round = 0; round < 2000; ++round) {
    const RandomSpans made = random_spans(random);
    std::string expected;
    for (std::size_t i = 0, s = 0; i < made.text.size() || s < made.spans.size();) {
      if (s < made.spans.size() && made.spans[s].place.begin == i) {
        expected.append("[").append(kTypes[made.spans[s].type]).append("]");
        i = made.spans[s++].place.end;
      } else {
        expected += made.text[i++];
      }
    }
    EXPECT_EQ(masked_text(made.text, made.spans, kTypes), expected);
  }
}

TEST(EditedText, KeepsAllThatIsNoWhiteSpace) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  std::mt19937 random(9);
  for (int round = 0; round < 2000; ++round) {
    const RandomSpans made = random_spans(random);
    std::string expected, found = edited_text(made.text, made.spans);
    EXPECT_LE(found.size(), made.text.size());
    std::size_t read = 0;
    for (const TaggedSpan& span : made.spans) {
      expected += made.text.substr(read, span.place.begin - read);
      read = span.place.end;
    }
    expected += made.text.substr(read);
    std::erase_if(expected, is_space);
    std::erase_if(found, is_space);
    EXPECT_EQ(found, expected);
  }
}

TEST(ResultBuffer, CountsWhatItCannotTake) {
  const std::string text = "mail anna@example.org now";
  const std::vector<TaggedSpan> spans = spans_of(text, {"anna@example.org"});
  for (std::size_t size = 0; size <= 20; ++size) {
    std::string buffer(size, '#');
    ResultBuffer result(buffer);
    MaskWriter writer(text, kTypes, result);
    for (const TaggedSpan& span : spans) writer.span(span);
    writer.finish();
    EXPECT_EQ(result.size(), 16U);
    EXPECT_EQ(result.fits(), size >= 16);
    EXPECT_TRUE(size < 16 || buffer.starts_with("mail [EMAIL] now"));
    EXPECT_EQ(buffer.find("anna"), buffer.npos);
  }
}

}  // namespace
}  // namespace noggin::runtime
