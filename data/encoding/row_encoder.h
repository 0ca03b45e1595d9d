// A record -> its tokens, and for tag and edit their targets: what an ExampleTable stores. Shared by ingest and the
// readers of held-out rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/encoding/align.h"
#include "tokenizer/wordpiece.h"

namespace noggin::data {

struct EncodedRow {
  std::vector<std::uint32_t> tokens{};
  std::vector<Word> words{};  // tag, edit
  TokenTargets targets{};     // tag, edit
  bool cut = false;           // the text has more than max_tokens tokens
};

class RowEncoder {
 public:
  // schema.top_k: equal to the block's, at most the number of classes. max_tokens >= 3.
  RowEncoder(RowSchema schema, const runtime::WordPieceTokenizer& tokenizer, std::uint32_t max_tokens);
  // Valid until the next call.
  const EncodedRow& encode(const Record& record);
  const AlignmentCounts& counts() const { return counts_; }
  bool continues_word(std::uint32_t id) const { return continues_word_[id] != 0; }
  // Prepares a block for rows of this encoder.
  void prepare(ExampleTable& block) const;

 private:
  RowSchema schema_;
  runtime::WordPieceTokenizer tokenizer_;  // a view
  std::uint32_t max_tokens_;
  std::vector<char> continues_word_;  // by id, 1: yes; a piece is found by walking
  std::vector<std::uint32_t> ids_, word_starts_;
  std::vector<TextSpan> places_;
  EncodedRow row_;
  AlignmentCounts counts_;
};

}  // namespace noggin::data
