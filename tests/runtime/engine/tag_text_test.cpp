// Texts to spans with made-up logits: what spans promise, and that windows do not show in the answer.
#include "engine/tag_text.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/span_text.h"
#include "spec/formulas.h"
#include "tests/support/tokenizer_rich.h"

namespace noggin::runtime {
namespace {

using tests::random_text;
using tests::rich_tokenizer;

constexpr std::string_view kLabels[] = {"O", "B-NUMBER", "I-NUMBER", "B-MARK", "I-MARK"};
constexpr std::string_view kTypes[] = {"NUMBER", "MARK"};
constexpr std::string_view kEditLabels[] = {"keep", "delete"};

const spec::TagScheme& scheme() {
  static const spec::TagScheme made = *spec::make_tag_scheme(spec::TaskKind::kTag, kLabels);
  return made;
}

const spec::TagScheme& edit_scheme() {
  static const spec::TagScheme made = *spec::make_tag_scheme(spec::TaskKind::kEdit, kEditLabels);
  return made;
}

TagRules rules_of(std::size_t max_tokens, const spec::TagScheme& of = scheme()) {
  return {rich_tokenizer(), of, 1.0F, max_tokens};
}

bool is_digit(std::uint32_t id) {
  const std::string_view piece = rich_tokenizer().piece(id);
  return piece.size() == 1 && piece[0] >= '0' && piece[0] <= '9';
}

// A "model" that looks at a token alone: digits are inside of NUMBER and may begin one; all else is outside. With the
// decision on the first piece, a word is a number when it starts with a digit that is a piece of its own.
struct NumberLogits {
  std::vector<float> logits;
  std::span<const float> operator()(std::span<const std::uint32_t> ids) {
    logits.clear();
    for (const std::uint32_t id : ids) {
      const bool digit = is_digit(id);
      const float values[] = {digit ? -9.0F : 9.0F, digit ? 3.0F : -9.0F, digit ? 5.0F : -9.0F, -9.0F, -9.0F};
      logits.insert(logits.end(), std::begin(values), std::end(values));
    }
    return logits;
  }
};

// Any numbers, the same for the same ids.
struct RandomLogits {
  std::size_t classes;
  std::vector<float> logits = {};
  std::span<const float> operator()(std::span<const std::uint32_t> ids) {
    std::uint32_t seed = 1;
    for (const std::uint32_t id : ids) seed = seed * 31 + id;
    std::mt19937 random(seed);
    logits.resize(ids.size() * classes);
    for (float& logit : logits) logit = static_cast<float>(random() % 9);
    return logits;
  }
};

std::vector<TextSpan> places_of(const std::vector<TaggedSpan>& spans) {
  std::vector<TextSpan> places;
  for (const TaggedSpan& span : spans) places.push_back(span.place);
  return places;
}

TEST(TagText, JoinsWordsToSpans) {
  const std::string text = "call 5 5 5, not 7!";
  const std::vector<TaggedSpan> spans = tag_text(rules_of(32), text, NumberLogits());
  EXPECT_EQ(places_of(spans), (std::vector<TextSpan>{{5, 10}, {16, 17}}));
  EXPECT_EQ(masked_text(text, spans, kTypes), "call [NUMBER], not [NUMBER]!");
}

TEST(TagText, MarksBehindASpanBelongToIt) {
  const auto places = [](std::string_view text) { return places_of(tag_text(rules_of(32), text, NumberLogits())); };
  EXPECT_EQ(places("a 5\u0301 b"), (std::vector<TextSpan>{{2, 5}}));
  EXPECT_EQ(places("5 5\u00AD\u200B\u0301, 7"), (std::vector<TextSpan>{{0, 10}, {12, 13}}));
  EXPECT_EQ(places("5\u0301\u0301"), (std::vector<TextSpan>{{0, 5}}));
  EXPECT_EQ(places("5 \u0301a"), (std::vector<TextSpan>{{0, 1}}));  // belongs to the blank
  EXPECT_EQ(places("5\x01"), (std::vector<TextSpan>{{0, 1}}));      // a byte of its own
  EXPECT_EQ(places("5\xFF\u0301"), (std::vector<TextSpan>{{0, 1}}));
  EXPECT_EQ(places("a\u0301 5"), (std::vector<TextSpan>{{4, 5}}));  // of a word outside
}

// After an ideograph or a punctuation character an enclosing mark is a word of its own, which may get any class.
TEST(TagText, AMarkIsNoSpanOfItsOwnBehindASpan) {
  const auto all_begin = [](std::span<const std::uint32_t> ids) {
    static std::vector<float> logits;
    logits.assign(ids.size() * std::size(kLabels), 0.0F);
    for (std::size_t t = 0; t < ids.size(); ++t) logits[t * std::size(kLabels) + 1] = 1.0F;
    return std::span<const float>(logits);
  };
  const auto places = [&](std::string_view text) { return places_of(tag_text(rules_of(32), text, all_begin)); };
  EXPECT_EQ(places("\u4E2D\u20DD\u4E2D"), (std::vector<TextSpan>{{0, 6}, {6, 9}}));
  EXPECT_EQ(places(",\u20DDa"), (std::vector<TextSpan>{{0, 4}, {4, 5}}));
  EXPECT_EQ(places("\u20DDa"), (std::vector<TextSpan>{{0, 4}}));
}

TEST(TagText, WindowsDoNotShow) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::string text;  // runs of digits, longer than windows too
    for (std::size_t i = random() % 120; i > 0; --i) text += random() % 12 == 0 ? "the " : "7 ";
    const std::vector<TaggedSpan> whole = tag_text(rules_of(text.size() + 3), text, NumberLogits());
    for (std::size_t max_tokens = 3; max_tokens < 40; max_tokens += 1 + random() % 5) {
      EXPECT_EQ(tag_text(rules_of(max_tokens), text, NumberLogits()), whole) << max_tokens;
    }
  }
}

TEST(TagText, SpansAscendAndAreMadeOfWholeWords) {
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    const spec::TagScheme& used = round % 3 == 0 ? edit_scheme() : scheme();
    const std::string text = random_text(random, 60);
    const std::size_t max_tokens = 3 + random() % 50;
    std::size_t read = 0;
    for (const TaggedSpan& span : tag_text(rules_of(max_tokens, used), text, RandomLogits{used.type_of.size()})) {
      EXPECT_LE(read, span.place.begin);
      EXPECT_LT(span.place.begin, span.place.end);
      EXPECT_EQ(rich_tokenizer().end_of_marks(text, span.place.end), span.place.end);
      EXPECT_LT(span.type, used.types.size());
      EXPECT_GT(span.probability, 0.0F);
      EXPECT_LE(span.probability, 1.0F);
      if (used.types.size() == 1 && read > 0) {  // edit: between two spans something is kept
        std::vector<std::uint32_t> ids(text.size() + 3);
        EXPECT_GT(rich_tokenizer().encode(std::string_view(text).substr(read, span.place.begin - read), ids), 2U);
      }
      read = span.place.end;
    }
    EXPECT_LE(read, text.size());
  }
}

// Whatever a window size: when all words are to be masked, no letter of the text stays.
TEST(TagText, NothingUnreadStays) {
  const auto all_begin = [](std::span<const std::uint32_t> ids) {
    static std::vector<float> logits;
    logits.assign(ids.size() * std::size(kLabels), 0.0F);
    for (std::size_t t = 0; t < ids.size(); ++t) logits[t * std::size(kLabels) + 1] = 1.0F;
    return std::span<const float>(logits);
  };
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    const std::string text = random_text(random, 60);
    const std::vector<TaggedSpan> spans = tag_text(rules_of(3 + random() % 50), text, all_begin);
    const std::string rest = edited_text(text, spans);
    std::vector<std::uint32_t> ids(rest.size() + 3);
    EXPECT_EQ(rich_tokenizer().encode(rest, ids), 2U) << rest;
  }
}

TEST(TagText, EditJoinsNeighbours) {
  const auto delete_all_but_the = [](std::span<const std::uint32_t> ids) {
    static std::vector<float> logits;
    logits.clear();
    for (const std::uint32_t id : ids) {
      const bool keep = rich_tokenizer().piece(id) == "the";
      logits.insert(logits.end(), {keep ? 1.0F : 0.0F, keep ? 0.0F : 1.0F});
    }
    return std::span<const float>(logits);
  };
  const std::string text = "the a b the c d";
  for (const std::size_t max_tokens : {3U, 4U, 5U, 8U, 16U}) {
    const std::vector<TaggedSpan> spans = tag_text(rules_of(max_tokens, edit_scheme()), text, delete_all_but_the);
    EXPECT_EQ(places_of(spans), (std::vector<TextSpan>{{4, 7}, {12, 15}}));
    EXPECT_EQ(edited_text(text, spans), "the the");
  }
}

TEST(TagText, ProbabilityIsTheSmallestOfTheWordsAtTheTemperature) {
  const auto logits = [](std::span<const std::uint32_t>) {
    static const float kRows[] = {9, 9, 9, 9, 9, 0, 4, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 9, 9, 9, 9, 9};
    return std::span<const float>(kRows);  // [CLS] B I I [SEP]
  };
  for (const float temperature : {0.5F, 1.0F, 3.0F}) {
    const std::vector<TaggedSpan> spans =
        tag_text(TagRules{rich_tokenizer(), scheme(), temperature, 16}, "a b c", logits);
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_FLOAT_EQ(spans[0].probability, 1.0F / (1.0F + 4.0F * spec::exp(-2.0F / temperature)));
  }
}

TEST(TagText, ATextWithoutWordsAsksForNoLogits) {
  for (const std::string_view text : {"", " \n\t", "\xFF"}) {
    const auto none = [](std::span<const std::uint32_t>) -> std::span<const float> { throw 1; };
    EXPECT_TRUE(tag_text(rules_of(8), text, none).empty());
  }
}

TEST(TagText, StaysInsideTheScratch) {
  const TagRules rules = rules_of(5);
  const std::size_t bytes = tag_scratch_bytes(std::size(kLabels), rules.max_tokens);
  std::vector<TextSpan> block(bytes / sizeof(TextSpan) + 2, TextSpan{77, 77});
  const std::vector<TextSpan> untouched = block;
  const auto scratch = std::as_writable_bytes(std::span(block)).first(bytes);
  std::size_t spans = 0;
  tag_text(rules, "7 a 7 b 7 7 7 7 c", scratch, NumberLogits(), [&](const TaggedSpan&) { ++spans; });
  EXPECT_EQ(spans, 3U);
  const auto behind = std::as_bytes(std::span(block)).subspan(bytes), before = std::as_bytes(std::span(untouched));
  EXPECT_TRUE(std::equal(behind.begin(), behind.end(), before.begin() + static_cast<std::ptrdiff_t>(bytes)));
}

}  // namespace
}  // namespace noggin::runtime
