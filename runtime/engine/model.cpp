#include <new>
#include <utility>

#include "bytes/message.h"
#include "engine/model_state.h"
#include "kernels/float_environment.h"

namespace noggin {
namespace {

Error with_place(const std::string& place, const Error& error) {
  return {error.code, message({place, ": ", error.message})};
}

}  // namespace

Model::Model(std::unique_ptr<State> state) : state_(std::move(state)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Result<Model> Model::from_memory(std::span<const std::byte> bytes) try {
  const runtime::FloatEnvironment environment;
  Result<format::ModelView> view = format::read_model(bytes);
  if (!view) return view.error();
  const runtime::FamilyOps& family = runtime::family_ops(view->config.family);
  Result<runtime::ModelTokenizer> tokenizer = family.bind_tokenizer(*view);
  if (!tokenizer) return tokenizer.error();
  runtime::PreparedModel prepared = family.prepare(*view);
  return Model(
      std::unique_ptr<State>(new State{std::nullopt, *std::move(view), *std::move(tokenizer), std::move(prepared)}));
} catch (const std::bad_alloc&) {
  return Error{ErrorCode::kOutOfSpace, "out of memory"};  // short enough to need no allocation
}

Result<Model> Model::open(const std::string& path, const OpenOptions& options) try {
  const auto access = options.map ? format::FileAccess::kMap : format::FileAccess::kCopy;
  Result<format::FileBytes> file = format::FileBytes::open(path, access);
  if (!file) return file.error();
  Result<Model> model = from_memory(file->bytes());
  if (!model) return with_place(path, model.error());
  model->state_->file.emplace(*std::move(file));  // its bytes do not move
  return model;
} catch (const std::bad_alloc&) {
  return Error{ErrorCode::kOutOfSpace, "out of memory"};
}

TaskKind Model::task() const { return state_->view.decision.kind; }
std::span<const std::string_view> Model::labels() const { return state_->view.labels; }
std::span<const std::string_view> Model::span_types() const { return state_->view.tags.types; }
float Model::temperature() const { return state_->view.decision.temperature; }
float Model::abstain_below() const { return state_->view.decision.abstain_below; }
float Model::threshold(std::size_t label) const { return state_->view.decision.threshold(label); }
std::int32_t Model::none_class() const { return state_->view.none_class; }
std::uint32_t Model::max_tokens() const { return state_->view.config.max_tokens; }
std::string_view Model::provenance() const { return state_->view.provenance; }
std::uint64_t Model::content_hash() const { return state_->view.content_hash; }
const format::ModelView& Model::view() const { return state_->view; }
const runtime::WordPieceTokenizer& Model::tokenizer() const { return state_->word_pieces(); }
std::size_t Model::encode(std::string_view text, std::span<std::uint32_t> ids, std::span<TextSpan> spans) const {
  return state_->encode(text, ids, spans);
}

}  // namespace noggin
