// Where a tokenizer comes from: trained on the corpus, or read from a vocab.txt.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "format/frozen_model.h"
#include "noggin/result.h"

namespace noggin::data {

struct VocabularyOptions {
  std::uint32_t size = 8000;          // pieces, special ones included
  std::uint32_t min_frequency = 2;    // words and pieces seen less often never enter (privacy, and noise)
  bool lowercase = true;
  bool strip_accents = true;
  std::uint32_t max_word_characters = 100;
};

// Counts words of a corpus text by text, then learns WordPiece pieces by merging the pair with the highest
// count(ab) / (count(a) * count(b)) [WordPiece] or the highest count [BPE order]; the header of the .cpp says which is used and why.
// Deterministic: ties go to the lexicographically smaller pair.
class VocabularyTrainer {
 public:
  explicit VocabularyTrainer(VocabularyOptions options);
  void add(std::string_view text);
  // "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" first, then single characters, then merges.
  Result<format::TokenizerContents> train() const;

 private:
  VocabularyOptions options_;
  // word -> count and the compiled Unicode tables live behind this
  struct State;
  std::shared_ptr<State> state_;
};

// One piece a line, as Hugging Face writes it. Special pieces are found by name; a missing one is an Error.
Result<format::TokenizerContents> read_vocabulary(const std::string& path, const VocabularyOptions& options);

// The Unicode facts that normalization needs, from utf8proc, in the runtime's table form.
std::vector<std::byte> build_unicode_tables();

// Names a vocabulary (pieces and switches) in shards and reports.
std::uint64_t vocabulary_hash(const format::TokenizerContents& contents);

}  // namespace noggin::data
