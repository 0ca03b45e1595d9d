// Text -> token ids, the same code in training and on the device: BERT's basic tokenization (normalizer.h) followed by
// greedy longest-match WordPiece (Wu et al. 2016; Devlin et al. 2019).
//
// Gives the ids of Hugging Face's BertWordPieceTokenizer, with one intended difference: the spelling of a special token
// in a text ("[SEP]") is ordinary text. A user's text cannot insert control tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "noggin/result.h"
#include "noggin/text_span.h"
#include "tokenizer/contents.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/trie.h"
#include "tokenizer/unicode_tables.h"

namespace noggin::runtime {

// Limits on what a section may hold, so that hostile bytes cannot request much memory or time.
inline constexpr std::size_t kMaxPieceBytes = 255;

// The tokenizer section of a .nog file: vocabulary as a bounds-checked trie used in place, Unicode tables, special
// ids. The same contents give the same bytes. Fails (kInvalidArgument) on a vocabulary with empty, repeated, overlong
// or non-UTF-8 pieces, special ids outside it, or a max_word_characters outside 1..kMaxWordCharacters.
//
// Little-endian, no holes:
//   uint32 version = 1 | uint32 vocabulary_size V | uint32 switches (bit 0 lowercase, bit 1 strip_accents)
//   uint32 unknown_id | uint32 cls_id | uint32 sep_id | uint32 pad_id | uint32 max_word_characters
//   uint32 trie_units | uint32 piece_bytes | uint32 unicode_bytes
//   uint32 trie         [trie_units]      trie.h
//   uint32 piece_starts [ceil(V/16)]      where pieces 0, 16, 32, ... start in `pieces`
//   bytes  pieces       [piece_bytes]     V times { uint8 length, UTF-8 }
//   bytes  unicode      [unicode_bytes]   unicode_tables.h
Result<std::vector<std::byte>> serialize_tokenizer(const runtime::TokenizerContents& contents);

// How much of a text fitted into encode()'s ids, and its words.
struct EncodedWords {
  std::size_t tokens;  // ids written, special ones included
  std::size_t words;   // with at least one of their pieces among them
  bool whole;          // all of the text fitted; else the last word may lack pieces, and later ones are missing
};

// Bound to serialized bytes, which it validates and does not own: the bytes must outlive it. Copying copies a view.
// Const and thread-safe after bind.
class WordPieceTokenizer {
 public:
  // Needs no alignment and allocates only error messages. Checks every index, and that trie and pieces agree. Safe on
  // any bytes; kCorrupt or kUnsupported says what is wrong with them.
  static Result<WordPieceTokenizer> bind(std::span<const std::byte> section);

  std::uint32_t vocabulary_size() const { return vocabulary_size_; }
  std::uint32_t unknown_id() const { return unknown_id_; }
  std::uint32_t cls_id() const { return cls_id_; }
  std::uint32_t sep_id() const { return sep_id_; }
  std::uint32_t pad_id() const { return pad_id_; }
  std::string_view piece(std::uint32_t id) const;  // id < vocabulary_size()

  // [CLS] pieces [SEP] into ids; returns how many were written, 2 <= n <= ids.size(). Text that needs more than
  // ids.size() tokens is truncated (the last id stays [SEP]). ids.size() >= 3. Any bytes are accepted: invalid UTF-8 is
  // read as U+FFFD, which normalization drops. Allocates nothing. Time is linear in the text, and bounded by
  // kMaxWordCharacters * kMaxPieceBytes steps per word.
  std::size_t encode(std::string_view text, std::span<std::uint32_t> ids) const;
  // The same, and the position of each piece in `text`: spans has the size of ids. A piece spans the characters that
  // produced its letters, first to last; special tokens have no position ({0, 0}).
  std::size_t encode(std::string_view text, std::span<std::uint32_t> ids, std::span<TextSpan> spans) const;
  // The same, and where each word starts among the tokens: word_starts has the size of ids; word w has the tokens
  // word_starts[w] .. word_starts[w + 1] - 1, and word_starts[words] is the index of [SEP]. A word is what WordReader
  // reads: a piece and the "##" pieces after it. Words to which one character contributes letters (no character of the
  // real tables does this) are merged into one, so that words share no byte.
  EncodedWords encode(std::string_view text, std::span<std::uint32_t> ids, std::span<TextSpan> spans,
                      std::span<std::uint32_t> word_starts) const;
  // normalizer.h, with this tokenizer's tables.
  std::size_t end_of_marks(std::string_view text, std::size_t position) const {
    return runtime::end_of_marks(unicode_, text, position);
  }
  // Does this piece ("##...") continue a word? id < vocabulary_size(). No text gives it at the start of a word.
  bool continues_word(std::uint32_t id) const { return piece(id).starts_with(kContinuation); }

 private:
  static constexpr std::string_view kContinuation = "##";
  struct Cut {
    std::size_t tokens;
    bool cut;  // the last word lacks pieces
  };
  WordPieceTokenizer() = default;
  Status check_pieces(std::span<const std::byte> pieces) const;
  template <typename Words, typename Place, typename NewWord>
  Cut encode_words(Words& words, std::span<std::uint32_t> ids, const Place& place, const NewWord& new_word) const;
  template <typename Place>
  std::size_t encode_word(std::string_view word, std::span<std::uint32_t> buffer, const Place& place) const;

  std::uint32_t vocabulary_size_ = 0;
  std::uint32_t unknown_id_ = 0, cls_id_ = 0, sep_id_ = 0, pad_id_ = 0;
  NormalizerOptions normalizer_;
  UnicodeTables unicode_;
  Trie trie_;
  std::uint32_t continuation_ = Trie::kNothing;  // where "##" leads; kNothing in a vocabulary of whole words
  const std::byte* piece_starts_ = nullptr;
  const std::byte* pieces_ = nullptr;
};

}  // namespace noggin::runtime
