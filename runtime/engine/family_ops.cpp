#include "engine/family_ops.h"

#include <utility>

#include "bytes/message.h"
#include "engine/families/encoder/forward.h"
#include "engine/families/encoder/prepared_model.h"
#include "engine/families/encoder/workspace.h"
#include "engine/families/ngram/forward.h"
#include "format/reader.h"

namespace noggin::runtime {
namespace {

// A tokenizer whose vocabulary differs from the embedding table's would read rows that do not exist.
Status check_vocabulary(const format::ModelView& view, std::uint32_t vocabulary_size) {
  if (vocabulary_size == view.config.vocabulary_size) return {};
  return Error{ErrorCode::kCorrupt, message({"tokenizer section: its vocabulary has ", vocabulary_size,
                                             " pieces, but the model config says ", view.config.vocabulary_size,
                                             ". Fix: export the model again"})};
}

template <typename Tokenizer>
Result<ModelTokenizer> bind(const format::ModelView& view) {
  Result<Tokenizer> tokenizer = Tokenizer::bind(view.tokenizer);
  if (!tokenizer) return tokenizer.error();
  if (Status status = check_vocabulary(view, tokenizer->vocabulary_size()); !status) return status.error();
  return {*std::move(tokenizer)};
}

PreparedModel prepare_nothing(const format::ModelView&) { return {}; }

constexpr FamilyOps kEncoderOps = {bind<WordPieceTokenizer>, prepare_encoder, carve_encoder, encoder_forward};
constexpr FamilyOps kNgramOps = {bind<NgramTokenizer>, prepare_nothing, carve_ngram, ngram_forward};

}  // namespace

const FamilyOps& family_ops(spec::Family family) { return family == spec::Family::kNgram ? kNgramOps : kEncoderOps; }

}  // namespace noggin::runtime
