// Makes a tokenizer: trained on the corpus, or read from a vocab.txt.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "noggin/result.h"
#include "tokenizer/contents.h"

namespace noggin::data {

struct VocabularyOptions {
  std::uint32_t size = 8000;        // pieces, special ones included
  std::uint32_t min_frequency = 2;  // words and pieces seen less often never enter (privacy, and noise)
  bool lowercase = true;
  bool strip_accents = true;
  std::uint32_t max_word_characters = 100;
  std::size_t max_distinct_words = 4'000'000;  // add() keeps at most this many; about 0.1 kB each
};

// Counts words of a corpus text by text, with the runtime's own normalizer, then learns pieces by repeatedly merging
// the adjacent pair of pieces with the highest count. Deterministic: ties go to the lexicographically smaller pair.
//
// This is BPE's merge order; the pieces are used by greedy longest match. WordPiece's original score, count(ab) /
// (count(a) * count(b)), was rejected: it favours rare pairs, so texts become longer, and one merge changes the score
// of every pair that shares a piece with it, while counts change only next to the merge. Hugging Face's trainer for
// WordPiece makes the same choice.
//
// Size: memory grows with distinct words, not with text; a natural corpus of n words has about K * n^0.5..0.7 of them,
// plus unbounded noise (numbers, identifiers). Above max_distinct_words the rarest are forgotten (all of count 1, then
// 2, ... until half are left), so at 10 billion tokens memory stays at 0.4 GB by default; a forgotten word that occurs
// again starts at 0, so its count may be too low by as much as was forgotten. Frequent words, which decide the pieces,
// keep exact counts. train() needs about 30 more bytes for each character of each word it keeps. Measured: 2.1
// million words, 1.4 million of them distinct, to 8,000 pieces: 5.4 s on one core, 160 MB.
class VocabularyTrainer {
 public:
  explicit VocabularyTrainer(VocabularyOptions options);
  // Words longer than max_word_characters are not counted: they can never become pieces.
  void add(std::string_view text);
  // "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" first, then single characters in code point order, those that begin
  // words before those that continue them ("##"), then merges in the order they were learned. Fewer pieces than
  // options.size if no pair is left that was seen min_frequency times. If there are more characters than options.size
  // allows, the rarest are left out, and a word that needs one becomes [UNK]. Fails (kInvalidArgument, kBadData) on
  // options out of range and on a corpus without a word that was seen min_frequency times.
  Result<runtime::TokenizerContents> train() const;

 private:
  VocabularyOptions options_;
  // word -> count and the compiled Unicode tables live behind this
  struct State;
  std::shared_ptr<State> state_;
};

// One piece per line, as Hugging Face writes it; the line number, from 0, is the id. Special pieces are found by name:
// [UNK], [CLS], [SEP], [PAD]; a missing one is an Error, as is an empty or repeated line. options.size and
// min_frequency are not used.
Result<runtime::TokenizerContents> read_vocabulary(const std::string& path, const VocabularyOptions& options);

// The same from pieces that are already read; `where` names them in errors.
Result<runtime::TokenizerContents> contents_of(std::vector<std::string> pieces, const std::string& where,
                                               const VocabularyOptions& options);

// The Unicode facts that normalization needs, from utf8proc, in the runtime's table form. Built once, then copied.
std::vector<std::byte> build_unicode_tables();

// Identifies a vocabulary in shards and reports; covers pieces, switches, special ids and Unicode facts. Equal hashes:
// equal ids for every text.
std::uint64_t vocabulary_hash(const runtime::TokenizerContents& contents);

}  // namespace noggin::data
