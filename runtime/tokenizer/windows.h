// A text of any length as overlapping windows of at most max_tokens tokens, for models that decide per word. One window
// at a time, without allocating. The windows depend on the text alone, never on a model's answers.
//
//   text     | the | word | s |  are | read | in | windows | with | both | sides |
//   window 1 [=============================|......]
//   window 2                         [......|============================|......]
//            = committed here   . read for context only
//
// - A window starts at the start of a word and takes as many tokens as fit. If the text continues after it, it ends
//   before the last word of which it has a part.
// - The next window starts about max_tokens / 4 tokens before the end of this one. This window commits what comes
//   before the middle of that overlap, a later one commits the rest. So each word is committed once, in order, and away
//   from the ends of the text it has about max_tokens / 8 tokens of context or more on both sides (fewer next to a very
//   long word).
// - A word whose pieces do not fit after that context gets a window that starts with it. One that does not fit any
//   window is taken in parts: each part is a word of its own, and starts where the one before ended, at a character.
// - So every byte is read, except white space and what normalization drops.
// The time is linear in the length of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "noggin/text_span.h"
#include "tokenizer/wordpiece.h"

namespace noggin::runtime {

// The caller's memory, each [max_tokens], at least 3. It is written by every next().
struct WindowBuffers {
  std::span<std::uint32_t> ids;
  std::span<TextSpan> places;
  std::span<std::uint32_t> word_starts;
};

// Views of a WindowBuffers, until the next window is read. Words are numbered from 0 in each window.
struct Window {
  std::span<const std::uint32_t> ids;          // [T] [CLS] pieces [SEP]
  std::span<const TextSpan> places;            // [T] in the whole text; special tokens have none ({0, 0})
  std::span<const std::uint32_t> word_starts;  // [words + 1] each word's first token; the last is the index of [SEP]
  std::size_t first = 0;                       // this window commits words first .. end - 1, at least one; an earlier
  std::size_t end = 0;                         //   one has committed those before, a later one those from `end` on

  std::size_t words() const { return word_starts.size() - 1; }
  TextSpan place(std::size_t word) const {
    return {places[word_starts[word]].begin, places[word_starts[word + 1] - 1].end};
  }
};

// Reads the windows of one text. Tokenizer, text and buffers must outlive it.
class WindowReader {
 public:
  WindowReader(const WordPieceTokenizer& tokenizer, std::string_view text, const WindowBuffers& buffers)
      : tokenizer_(tokenizer), text_(text), buffers_(buffers) {}

  // The next window; false when all words are committed: at once for a text without words.
  bool next(Window& window);

 private:
  EncodedWords encode() const;
  std::size_t committed_words(std::size_t words) const;
  std::size_t first_word_from(std::size_t token, std::size_t words) const;
  void commit_and_overlap(Window& window, std::size_t words, std::size_t known);
  Window view(std::size_t tokens, std::size_t words, std::size_t first) const;

  const WordPieceTokenizer& tokenizer_;
  std::string_view text_;
  WindowBuffers buffers_;
  std::size_t start_ = 0;      // byte of the text where the next window starts
  std::size_t committed_ = 0;  // words that begin before this byte are committed; start_ <= committed_
  bool done_ = false;
};

}  // namespace noggin::runtime
