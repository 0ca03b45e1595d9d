#include "data/row_encoder.h"

#include <algorithm>
#include <utility>

namespace noggin::data {

RowEncoder::RowEncoder(RowSchema schema, const runtime::WordPieceTokenizer& tokenizer, std::uint32_t max_tokens)
    : schema_(std::move(schema)), tokenizer_(tokenizer), max_tokens_(max_tokens), ids_(max_tokens + 1), places_(max_tokens + 1) {
  schema_.top_k = std::min(schema_.top_k, static_cast<std::uint32_t>(schema_.labels->names().size()));
  for (std::uint32_t id = 0; id < tokenizer_.vocabulary_size(); ++id) {
    const std::string_view piece = tokenizer_.piece(id);
    continues_.push_back(piece.size() > 2 && piece.starts_with("##"));
  }
}

void RowEncoder::prepare(RowBlock& block) const {
  block.task = schema_.task;
  block.classes = static_cast<std::uint32_t>(schema_.labels->names().size());
  block.top_k = schema_.top_k;
}

const EncodedRow& RowEncoder::encode(const Record& record) {
  const bool per_token = spec::is_per_token(schema_.task);
  const auto encode = [&](std::size_t room) {
    const std::span<std::uint32_t> ids = std::span(ids_).first(room);
    return per_token ? tokenizer_.encode(record.text, ids, std::span(places_).first(room)) : tokenizer_.encode(record.text, ids);
  };
  // One token more than allowed shows whether anything was cut.
  std::size_t count = encode(max_tokens_ + 1);
  row_.cut = count > max_tokens_;
  if (row_.cut) count = encode(max_tokens_);
  row_.tokens.assign(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(count));
  if (!per_token) return row_;
  row_.words = words_of(row_.tokens, places_, continues_);
  row_.targets = align(record, row_.words, count, row_.cut, schema_, counts_);
  return row_;
}

}  // namespace noggin::data
