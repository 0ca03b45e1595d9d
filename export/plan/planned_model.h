// The file that a model of a given shape will be, before there are weights: made-up ones in a real file, written by the
// one serializer (format/writer.h), so that its size is no second formula.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/frozen_model.h"
#include "noggin/result.h"
#include "spec/model_config.h"
#include "tokenizer/contents.h"

namespace noggin::exporter {

// All that the size of a file depends on.
struct FileContents {
  spec::ModelConfig config;               // after pruning; family kEncoder
  runtime::TokenizerContents tokenizer;   // of config.vocabulary_size pieces
  format::TaskContents task;              // with a temperature and thresholds if the file will have such
  std::vector<std::string> golden_texts;  // freeze.h
  std::string provenance;                 // of the size that the file's will have
};

// Where the bytes go. The parts add up to `total`.
struct FileParts {
  std::uint64_t words = 0;   // the word table, and the matrix that widens its rows
  std::uint64_t layers = 0;  // attention and feed-forward weights, scales, norms
  std::uint64_t classifier = 0;
  std::uint64_t vocabulary = 0;  // the tokenizer section: pieces, trie, Unicode tables
  std::uint64_t rest = 0;        // positions, classes, golden vectors, provenance, reference counts, header, padding
  std::uint64_t total = 0;
};

// Those of a file of this shape, whose tokenizer section and whole size are known.
FileParts file_parts(const spec::ModelConfig& config, std::uint64_t tokenizer_bytes, std::uint64_t total_bytes);

struct PlannedFile {
  std::vector<std::byte> bytes;  // a valid file; its answers mean nothing
  FileParts parts;
};

// Errors: those of format::serialize and runtime::serialize_tokenizer. The same contents give the same bytes.
Result<PlannedFile> planned_file(const FileContents& contents);

}  // namespace noggin::exporter
