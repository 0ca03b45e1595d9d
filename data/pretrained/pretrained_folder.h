// A pretrained encoder as a Hugging Face folder: its shape and its tokenizer, from config.json and tokenizer.json (or
// vocab.txt and tokenizer_config.json). Weights: train/pretrained.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "noggin/result.h"
#include "spec/task.h"
#include "tokenizer/contents.h"

namespace noggin::data {

// The naming scheme of a family's tensors.
enum class PretrainedFamily { kBert, kDistilBert };

// Full paths of the files that are read, for a caller that must notice changes.
struct PretrainedFiles {
  std::vector<std::string> description;  // config and tokenizer
  std::vector<std::string> weights;      // model.safetensors, or the shards that model.safetensors.index.json names
};

// How sentences were pooled when the encoder was trained.
struct PretrainedPooling {
  enum class Kind { kUnknown, kMean, kFirstToken, kOther };
  Kind kind = Kind::kUnknown;
  std::string file;  // that says so
  std::string mode;  // in its words
};

// The classifier of a folder, if it reads what a student's does: `noggin export` wrote it, or it answers per token.
// Others, such as BERT's over its pooler, are no use to a student.
struct PretrainedClassifier {
  bool of_tokens = false;              // of each token; else of the pooled text
  std::vector<std::string> labels;     // of its rows; empty: there is no such classifier
  std::optional<spec::TaskKind> task;  // nothing: config.json does not say
};

struct PretrainedFolder {
  std::string path;
  PretrainedFiles files;
  PretrainedFamily family = PretrainedFamily::kBert;
  std::uint32_t vocabulary_size = 0, layers = 0, width = 0, heads = 0, ffn_width = 0;
  std::uint32_t positions = 0;  // longest input
  std::uint32_t segments = 0;   // token types; 0: the family has none
  double layer_norm_epsilon = 1e-12;
  runtime::TokenizerContents tokenizer;  // the id of a piece is its row in the word table
  PretrainedPooling pooling;
  PretrainedClassifier classifier;
  std::vector<std::string> notes;  // what a user should know of the folder: it can be used, but may be damaged
};

// Checks which files exist; opens only the index of shards. Errors: kNotFound (no such folder, no config, no
// tokenizer, no weights), kCorrupt (an index that names anything but .safetensors files in the same folder).
Result<PretrainedFiles> list_pretrained_files(const std::string& path);

// Reads BERT, MiniLM (which is a BERT) and DistilBERT, with the ids that transformers gives. Errors: those of
// list_pretrained_files; kBadData (not JSON, a field is missing or contradicts another, more pieces than rows),
// kUnsupported (a family, activation, position scheme, tokenizer or added token that the student does not have; named).
// tokenizer.json takes precedence over vocab.txt. More rows than pieces are allowed, because checkpoints pad them, and
// noted, as are doubled pieces, ids without a piece and pieces that no text reaches.
Result<PretrainedFolder> read_pretrained_folder(const std::string& path);

// Whether a student can take these layers and this many positions: each layer exists and is named once, and the
// position table is long enough. kInvalidArgument, in the recipe's terms.
Status check_kept(const PretrainedFolder& folder, const std::vector<std::uint32_t>& keep_layers,
                  std::uint32_t max_tokens);

}  // namespace noggin::data
