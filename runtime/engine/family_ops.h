// What differs between the families of models, as one table. The engine asks it; nothing else in the engine knows a
// family. To add one: a folder in families/ and a row in family_ops.cpp.
#pragma once

#include <cstddef>
#include <variant>

#include "noggin/result.h"
#include "spec/model_config.h"
#include "tokenizer/ngram_tokenizer.h"
#include "tokenizer/wordpiece.h"

namespace noggin::format {
struct ModelView;
}

namespace noggin::runtime {

class Carver;
class ThreadPool;
struct Chunk;
struct ChunkLimits;
struct PreparedModel;
struct Workspace;

using ModelTokenizer = std::variant<WordPieceTokenizer, NgramTokenizer>;

struct FamilyOps {
  // The tokenizer in the model's file. kCorrupt if its vocabulary is not the config's. It points into the file.
  Result<ModelTokenizer> (*bind_tokenizer)(const format::ModelView& view);
  // What is computed from the tensors once. Expects the environment of float_environment.h. Throws std::bad_alloc only.
  PreparedModel (*prepare)(const format::ModelView& view);
  // Takes the family's buffers of a session from `carver`; fills in their pointers and strides in `workspace`.
  void (*carve)(const spec::ModelConfig& config, const ChunkLimits& limits, Carver& carver, Workspace& workspace);
  // The part of a pass that `member` of the pool does; call it on every member. Leaves logits in workspace.logits:
  // [texts, C], or [tokens of all texts, C] where the head answers every token. Expects the environment of
  // float_environment.h. Allocates nothing unless traced; throws only what the trace throws.
  void (*forward)(const Chunk& chunk, ThreadPool& thread_pool, std::size_t member);
};

// `family` must be a known one, as in every config that passed spec::validate().
const FamilyOps& family_ops(spec::Family family);

}  // namespace noggin::runtime
