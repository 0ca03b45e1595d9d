// Windows of random texts against the text tokenized as a whole.
#include "tokenizer/windows.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/tokenizer_rich.h"

namespace noggin::runtime {
namespace {

using tests::random_text;
using tests::rich_tokenizer;
using tests::whole_text;
using tests::WholeText;

// A window with memory of its own.
struct KeptWindow {
  std::vector<std::uint32_t> ids;
  std::vector<TextSpan> words;
  std::vector<std::uint32_t> word_starts;
  std::size_t first, end;

  std::vector<std::uint32_t> pieces(std::size_t word) const {
    return {ids.begin() + word_starts[word], ids.begin() + word_starts[word + 1]};
  }
};

std::vector<KeptWindow> windows_of(std::string_view text, std::size_t max_tokens) {
  std::vector<std::uint32_t> ids(max_tokens), word_starts(max_tokens);
  std::vector<TextSpan> places(max_tokens);
  WindowReader reader(rich_tokenizer(), text, {ids, places, word_starts});
  std::vector<KeptWindow> windows;
  Window window;
  while (reader.next(window)) {
    KeptWindow kept{{window.ids.begin(), window.ids.end()},
                    {},
                    {window.word_starts.begin(), window.word_starts.end()},
                    window.first,
                    window.end};
    for (std::size_t w = 0; w < window.words(); ++w) kept.words.push_back(window.place(w));
    EXPECT_EQ(window.places.size(), window.ids.size());
    EXPECT_EQ(window.places.front(), TextSpan{});
    EXPECT_EQ(window.places.back(), TextSpan{});
    windows.push_back(std::move(kept));
    if (windows.size() > text.size()) {
      ADD_FAILURE() << "more windows than bytes";
      break;
    }
  }
  EXPECT_FALSE(reader.next(window));
  return windows;
}

struct CommittedWord {
  TextSpan place;
  std::vector<std::uint32_t> pieces;
};

std::vector<CommittedWord> committed_words(const std::vector<KeptWindow>& windows) {
  std::vector<CommittedWord> words;
  for (const KeptWindow& window : windows) {
    for (std::size_t w = window.first; w < window.end; ++w) words.push_back({window.words[w], window.pieces(w)});
  }
  return words;
}

// Nothing between the words is more than white space and what normalization drops.
void expect_all_is_read(std::string_view text, const std::vector<CommittedWord>& words) {
  std::size_t read = 0;
  const auto expect_nothing = [&](std::string_view gap) {
    std::vector<std::uint32_t> ids(gap.size() + 3);
    EXPECT_EQ(rich_tokenizer().encode(gap, ids), 2U) << "unread: " << gap;
  };
  for (const CommittedWord& word : words) {
    ASSERT_LE(read, word.place.begin);
    ASSERT_LT(word.place.begin, word.place.end);
    expect_nothing(text.substr(read, word.place.begin - read));
    read = word.place.end;
  }
  ASSERT_LE(read, text.size());
  expect_nothing(text.substr(read));
}

// Words that fit a window are committed as they stand in the whole text, others in parts.
void expect_the_words_of(const WholeText& whole, const std::vector<CommittedWord>& found, std::size_t max_tokens) {
  std::size_t next = 0;
  for (std::size_t w = 0; w < whole.words(); ++w) {
    const TextSpan place = whole.place(w);
    ASSERT_LT(next, found.size());
    EXPECT_EQ(found[next].place.begin, place.begin);
    if (whole.pieces(w) <= max_tokens - 2) {
      const auto begin = whole.ids.begin() + whole.word_starts[w];
      EXPECT_EQ(found[next].place, place);
      EXPECT_EQ(found[next].pieces,
                std::vector<std::uint32_t>(begin, begin + static_cast<std::ptrdiff_t>(whole.pieces(w))));
      ++next;
      continue;
    }
    std::size_t end = place.begin;
    for (; next < found.size() && found[next].place.begin < place.end; end = found[next++].place.end) {
      EXPECT_LE(end, found[next].place.begin);
    }
    EXPECT_EQ(end, place.end);
  }
  EXPECT_EQ(next, found.size());
}

TEST(Windows, CommitEachWordOnceAndInOrder) {
  std::mt19937 random(1);
  for (int round = 0; round < 400; ++round) {
    const std::string text = random_text(random, 60);
    const WholeText whole = whole_text(rich_tokenizer(), text);
    for (std::size_t max_tokens = 3; max_tokens <= 64; max_tokens += 1 + random() % 4) {
      SCOPED_TRACE("round " + std::to_string(round) + ", max_tokens " + std::to_string(max_tokens));
      const std::vector<CommittedWord> words = committed_words(windows_of(text, max_tokens));
      expect_all_is_read(text, words);
      expect_the_words_of(whole, words, max_tokens);
      if (HasFailure()) return;
    }
  }
}

TEST(Windows, AreStretchesOfTheTextTokenizedAsAWhole) {
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    const std::string text = random_text(random, 80);
    const WholeText whole = whole_text(rich_tokenizer(), text);
    std::size_t longest = 1;
    for (std::size_t w = 0; w < whole.words(); ++w) longest = std::max(longest, whole.pieces(w));
    const std::size_t max_tokens = longest + 2 + random() % 40;
    std::size_t done = 0;
    for (const KeptWindow& window : windows_of(text, max_tokens)) {
      ASSERT_LE(window.ids.size(), max_tokens);
      ASSERT_EQ(window.ids.front(), rich_tokenizer().cls_id());
      ASSERT_EQ(window.ids.back(), rich_tokenizer().sep_id());
      ASSERT_EQ(window.word_starts.back(), window.ids.size() - 1);
      ASSERT_LE(window.first, done);
      const auto stretch = whole.ids.begin() + whole.word_starts[done - window.first];
      EXPECT_TRUE(std::equal(window.ids.begin() + 1, window.ids.end() - 1, stretch)) << "round " << round;
      done += window.end - window.first;
    }
    EXPECT_EQ(done, whole.words());
  }
}

// "a a a a": tokens are words, so that borders can be counted.
std::string one_piece_words(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "a ";
  return text;
}

TEST(Windows, GiveContextOnBothSides) {
  for (std::size_t max_tokens = 3; max_tokens <= 64; ++max_tokens) {
    const std::size_t overlap = max_tokens / 4, right = overlap / 2;
    const std::size_t left = overlap - std::min(overlap, std::max<std::size_t>(right, 1));  // 1: the word that is cut
    const std::vector<KeptWindow> windows = windows_of(one_piece_words(200), max_tokens);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const KeptWindow& window = windows[i];
      EXPECT_EQ(window.first, i == 0 ? 0 : left) << max_tokens;
      if (i + 1 == windows.size()) continue;
      EXPECT_GE(window.words.size() + 1, window.end + right) << max_tokens;
    }
    // Each but the last goes on by what is neither context nor the word that is cut.
    EXPECT_LE(windows.size(), 200 / (max_tokens - std::min(max_tokens - 1, overlap + 3)) + 1) << max_tokens;
  }
}

TEST(Windows, ATextThatFitsIsOneWindow) {
  for (std::size_t words = 1; words <= 20; ++words) {
    const std::vector<KeptWindow> windows = windows_of(one_piece_words(words), words + 2);
    ASSERT_EQ(windows.size(), 1U);
    EXPECT_EQ(windows[0].end, words);
    EXPECT_EQ(windows_of(one_piece_words(words), words + 3).size(), 1U);
    EXPECT_GT(windows_of(one_piece_words(words + 1), words + 2).size(), 1U);
  }
}

TEST(Windows, ATextWithoutWordsHasNone) {
  for (const std::string_view text : {"", " \n", "\xFF\x01", "\u0301\u00AD"}) EXPECT_TRUE(windows_of(text, 8).empty());
}

TEST(Windows, AWordLongerThanAWindowIsTakenInParts) {
  const std::string text = "my " + std::string(20, 'q') + " parcel";
  const std::vector<CommittedWord> words = committed_words(windows_of(text, 10));  // 8 pieces
  std::vector<TextSpan> places;
  for (const CommittedWord& word : words) places.push_back(word.place);
  EXPECT_EQ(places, (std::vector<TextSpan>{{0, 2}, {3, 11}, {11, 19}, {19, 23}, {24, 30}}));
}

TEST(Words, StartWhereAPieceIsNoContinuation) {
  const WholeText whole = whole_text(rich_tokenizer(), "parceling is not my where's");
  std::size_t words = 0;
  for (std::size_t t = 1; t + 1 < whole.ids.size(); ++t) {
    const bool starts = !rich_tokenizer().continues_word(whole.ids[t]);
    EXPECT_EQ(starts, std::find(whole.word_starts.begin(), whole.word_starts.end(), t) != whole.word_starts.end());
    words += starts;
  }
  EXPECT_EQ(words, whole.words());
  EXPECT_EQ(words, 7U);
}

TEST(Words, ThatShareACharacterAreOne) {
  const WholeText whole = whole_text(rich_tokenizer(), "x\u2460b\u2461y");  // x ! a ! ba - bcy
  ASSERT_EQ(whole.words(), 3U);
  EXPECT_EQ(whole.place(0), (TextSpan{0, 1}));
  EXPECT_EQ(whole.place(1), (TextSpan{1, 4}));
  EXPECT_EQ(whole.place(2), (TextSpan{4, 9}));
  EXPECT_EQ(whole.pieces(1), 3U);
}

}  // namespace
}  // namespace noggin::runtime
