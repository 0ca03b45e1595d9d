// What a Model holds; seen by model.cpp and session.cpp only.
#pragma once

#include <optional>

#include "engine/prepared_model.h"
#include "format/mapped_file.h"
#include "format/reader.h"
#include "noggin/engine.h"
#include "tokenizer/wordpiece.h"

namespace noggin {

struct Model::State {
  std::optional<format::MappedFile> file;  // empty when the caller owns the bytes
  format::ModelView view;
  runtime::WordPieceTokenizer tokenizer;
  runtime::PreparedModel prepared;
};

}  // namespace noggin
