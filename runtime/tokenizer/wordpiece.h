// Text -> token ids, the same code in training and on the device: BERT's basic tokenization (clean, lowercase, strip
// accents, split on spaces, punctuation and CJK) followed by greedy longest-match WordPiece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "format/frozen_model.h"
#include "noggin/result.h"

namespace noggin::runtime {

// The tokenizer section of a .nog file: vocabulary as a bounds-checked trie used where it lies, Unicode tables, special
// ids. The same contents give the same bytes.
Result<std::vector<std::byte>> serialize_tokenizer(const format::TokenizerContents& contents);

// Bound to serialized bytes, which it validates and does not own. Const and thread-safe after bind.
class WordPieceTokenizer {
 public:
  static Result<WordPieceTokenizer> bind(std::span<const std::byte> section);

  std::uint32_t vocabulary_size() const;
  std::uint32_t pad_id() const;
  std::string_view piece(std::uint32_t id) const;  // id < vocabulary_size()

  // [CLS] pieces [SEP] into ids; returns how many were written, 2 <= n <= ids.size(). Text that needs more than
  // ids.size() tokens is cut at the end (the last id stays [SEP]). ids.size() >= 3. Any bytes are accepted: invalid UTF-8 is
  // read as U+FFFD. No allocation.
  std::size_t encode(std::string_view text, std::span<std::uint32_t> ids) const;

 private:
  WordPieceTokenizer() = default;
  struct Layout;  // offsets into section_, checked by bind
  std::span<const std::byte> section_;
  // the implementation may add plain members here
};

}  // namespace noggin::runtime
