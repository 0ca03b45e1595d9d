// BERT's basic tokenization: text -> normalized words, one at a time, without allocating. The vocabulary trainer counts
// the words of this one reader, and the runtime encodes them.
//
// Follows Hugging Face's BertNormalizer (clean_text, handle_chinese_chars) and BertPreTokenizer, character by
// character:
//   1. clean: U+0000, U+FFFD (so also what is not UTF-8) and control characters (Cc, Cf, Co; but not \t \n \r) are
//      removed without splitting the word they are in; White_Space separates words
//   2. a CJK ideograph is a word of its own
//   3. strip_accents: canonical decomposition (NFD) without nonspacing marks (Mn)
//   4. lowercase: each character independently (no final sigma rule, no locale)
//   5. a punctuation character is a word of its own: in ASCII every printable character except letters and digits,
//   beyond
//      ASCII the categories P*
// Known difference: NFD would also reorder two or more of the seventeen spacing marks that have a combining class (Old
// Chinese tone marks, musical stems and flags) when they follow each other out of order; this reader keeps their order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "noggin/text_span.h"
#include "tokenizer/unicode_tables.h"

namespace noggin::runtime {

// The longest word that any model may read; a model's max_word_characters is at most this.
inline constexpr std::uint32_t kMaxWordCharacters = 256;

struct NormalizerOptions {
  bool lowercase = true;
  bool strip_accents = true;
  std::uint32_t max_word_characters = 100;  // 1..kMaxWordCharacters, counted after normalization
};

// Where each normalized byte of a word comes from: the whole character of the original text that produced it.
struct WordSources {
  std::array<TextSpan, (kMaxWordCharacters + 1) * kMaxUtf8Bytes> bytes;
};

// The end of what is drawn into the character before `position`, which is at most the text's size: marks (Mn, Me) and
// beyond ASCII the invisible format and control characters (Cf, Cc), such as joiners, zero-width spaces and variation
// selectors. `position` itself if none follows directly.
std::size_t end_of_marks(const UnicodeTables& tables, std::string_view text, std::size_t position);

// Reads one text. Both the tables' bytes and the text must outlive the reader; one reader serves one thread.
class WordReader {
 public:
  // sources: filled for each word; null if not needed.
  WordReader(const UnicodeTables& tables, const NormalizerOptions& options, std::string_view text,
             WordSources* sources = nullptr)
      : tables_(tables), options_(options), text_(text), sources_(sources) {}

  // Moves to the next word; false at the end of the text.
  bool next();
  // The current word, UTF-8, until the next call of next(). Meaningless when too_long().
  std::string_view word() const { return {bytes_.data(), size_}; }
  // The current word has more than max_word_characters characters (BERT reads it as unknown).
  bool too_long() const { return characters_ > options_.max_word_characters; }
  // The position of the current word, too long or not, in the text: from its first to its last character.
  TextSpan place() const { return place_; }

 private:
  // What a character does to the word being read.
  enum class Step { kContinue, kWordEnds };
  bool read_letters();
  Step read_ascii(unsigned char byte);
  Step read_character(std::uint32_t code_point);
  Step read_pending();
  void make_pending(UnicodeTables::Entry entry, std::uint32_t code_point, bool alone);
  void append(std::uint32_t code_point);

  UnicodeTables tables_;
  NormalizerOptions options_;
  std::string_view text_;
  WordSources* sources_;
  std::size_t position_ = 0;  // in text_
  TextSpan character_;        // of text_, being read
  TextSpan place_;            // of the word
  // Normalized characters of the last input character that have not been read into a word yet. A Hangul syllable gives
  // 3, a table entry at most kMaxStripped, the lowercase of U+0130 one more.
  struct Pending {
    std::uint32_t code_point;
    bool alone;  // is a word of its own
  };
  std::array<Pending, 2 * UnicodeTables::kMaxStripped> pending_;
  std::size_t pending_begin_ = 0, pending_end_ = 0;
  // The word: at most max_word_characters characters; further ones are only counted.
  std::array<char, (kMaxWordCharacters + 1) * kMaxUtf8Bytes> bytes_;
  std::size_t size_ = 0;
  std::size_t characters_ = 0;
};

}  // namespace noggin::runtime
