#include "train/cli/held_out_rows.h"

#include <optional>

#include "data/ingest.h"
#include "data/labels.h"
#include "data/row_encoder.h"
#include "data/vocabulary.h"
#include "format/reader.h"
#include "noggin/engine.h"
#include "tokenizer/wordpiece.h"
#include "train/loop/failure.h"
#include "train/task/task_reader.h"

namespace noggin::cli {
namespace {

using train::value_or_throw;

// tokenizer: null for an n-gram model, which reads no tokens.
data::RowBlock read_rows(const std::string& path, const format::TaskContents& task,
                         const runtime::WordPieceTokenizer* tokenizer, std::uint32_t max_tokens) {
  if (path.ends_with(".h5")) {
    data::RowBlock block = value_or_throw(data::read_shard(path));
    if (block.classes == task.labels.size() && block.task == task.kind) return block;
    throw train::Failure(train::ExitCode::kBadData, path + " was made for other classes or another task. Fix: give rows of this model's task");
  }
  const std::string none = task.none_class < 0 ? std::string() : task.labels[static_cast<std::size_t>(task.none_class)];
  const data::LabelSet labels = value_or_throw(data::LabelSet::create(task.labels, {}, none, task.kind));
  data::RowBlock block;
  block.task = task.kind;
  block.classes = static_cast<std::uint32_t>(task.labels.size());
  block.top_k = 1;
  std::optional<data::RowEncoder> encoder;
  if (tokenizer != nullptr) {
    encoder.emplace(value_or_throw(data::RowSchema::create(task.kind, labels, 1)), *tokenizer, max_tokens);
    encoder->prepare(block);
  }
  const auto accept = [&](data::Record&& record) -> Status {
    const data::EncodedRow row = encoder ? encoder->encode(record) : data::EncodedRow{};
    block.append(record, row.tokens, row.targets);
    return {};
  };
  value_or_throw(data::read_split({"data", {{.path = path}}, false}, labels, {}, "", accept, nullptr, nullptr, task.kind));
  return block;
}

}  // namespace

data::RowBlock held_out_rows(const std::string& path, const format::TaskContents& task,
                             const format::TokenizerContents& tokenizer, std::uint32_t max_tokens) {
  const std::vector<std::byte> section = value_or_throw(runtime::serialize_tokenizer(tokenizer));
  const runtime::WordPieceTokenizer bound = value_or_throw(runtime::WordPieceTokenizer::bind(section));
  return read_rows(path, task, &bound, max_tokens);
}

data::RowBlock held_out_rows(const std::string& path, const std::string& nog_path) {
  const Model model = value_or_throw(Model::open(nog_path));
  const bool reads_tokens = model.view().config.family == spec::Family::kEncoder;
  return read_rows(path, train::task_contents(model), reads_tokens ? &model.tokenizer() : nullptr, model.max_tokens());
}

}  // namespace noggin::cli
