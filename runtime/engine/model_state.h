// What a Model holds; for model.cpp and session.cpp only.
#pragma once

#include <optional>
#include <variant>

#include "engine/families/encoder/prepared_model.h"
#include "engine/family_ops.h"
#include "format/file_bytes.h"
#include "format/reader.h"
#include "noggin/engine.h"

namespace noggin {

struct Model::State {
  std::optional<format::FileBytes> file;  // empty when the caller owns the bytes
  format::ModelView view;
  runtime::ModelTokenizer tokenizer;  // by the family of the config
  runtime::PreparedModel prepared;

  // Encoders only.
  const runtime::WordPieceTokenizer& word_pieces() const {
    return *std::get_if<runtime::WordPieceTokenizer>(&tokenizer);
  }
  // See Model::encode.
  std::size_t encode(std::string_view text, std::span<std::uint32_t> ids, std::span<TextSpan> spans) const {
    if (const auto* ngrams = std::get_if<runtime::NgramTokenizer>(&tokenizer)) return ngrams->encode(text, ids, spans);
    return spans.empty() ? word_pieces().encode(text, ids) : word_pieces().encode(text, ids, spans);
  }
};

}  // namespace noggin
