#include "data/encoding/row_encoder.h"

#include <algorithm>
#include <utility>

namespace noggin::data {

RowEncoder::RowEncoder(RowSchema schema, const runtime::WordPieceTokenizer& tokenizer, std::uint32_t max_tokens)
    : schema_(std::move(schema)),
      tokenizer_(tokenizer),
      max_tokens_(max_tokens),
      continues_word_(tokenizer.vocabulary_size()),
      ids_(max_tokens + 1),
      word_starts_(max_tokens + 1),
      places_(max_tokens + 1) {
  schema_.top_k = std::min(schema_.top_k, static_cast<std::uint32_t>(schema_.labels->names().size()));
  for (std::uint32_t id = 0; id < tokenizer_.vocabulary_size(); ++id)
    continues_word_[id] = tokenizer_.continues_word(id) ? 1 : 0;
}

void RowEncoder::prepare(ExampleTable& block) const {
  block.task = schema_.task;
  block.classes = static_cast<std::uint32_t>(schema_.labels->names().size());
  block.top_k = schema_.top_k;
}

const EncodedRow& RowEncoder::encode(const Record& record) {
  // One token more than allowed shows whether anything was cut.
  const std::size_t needed = tokenizer_.encode(record.text, ids_);
  row_.cut = needed > max_tokens_;
  const std::size_t capacity = row_.cut ? max_tokens_ : needed;
  const std::span<std::uint32_t> ids = std::span(ids_).first(capacity);
  if (!spec::traits_of(schema_.task).per_token()) {
    if (row_.cut) tokenizer_.encode(record.text, ids);
    row_.tokens.assign(ids.begin(), ids.end());
    return row_;
  }
  const runtime::EncodedWords encoded =
      tokenizer_.encode(record.text, ids, std::span(places_).first(capacity), std::span(word_starts_).first(capacity));
  row_.tokens.assign(ids.begin(), ids.end());
  row_.words = words_of(places_, std::span(word_starts_).first(encoded.words + 1));
  row_.targets = align(record, row_.words, capacity, row_.cut, schema_, counts_);
  return row_;
}

}  // namespace noggin::data
