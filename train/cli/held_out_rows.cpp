#include "train/cli/held_out_rows.h"

#include "data/ingest.h"
#include "data/labels.h"
#include "data/vocabulary.h"
#include "noggin/engine.h"
#include "tokenizer/wordpiece.h"
#include "train/loop/failure.h"
#include "train/task/task_reader.h"

namespace noggin::cli {
namespace {

using train::value_or_throw;

data::RowBlock read_rows(const std::string& path, const format::TaskContents& task,
                         const runtime::WordPieceTokenizer& tokenizer, std::uint32_t max_tokens) {
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
  std::vector<std::uint32_t> ids(max_tokens);
  const auto accept = [&](data::Record&& record) -> Status {
    block.append(record, std::span(ids).first(tokenizer.encode(record.text, ids)));
    return {};
  };
  value_or_throw(data::read_split({"data", {{.path = path}}, false}, labels, {}, "", accept, nullptr, nullptr, task.kind));
  return block;
}

}  // namespace

data::RowBlock held_out_rows(const std::string& path, const format::TaskContents& task,
                             const format::TokenizerContents& tokenizer, std::uint32_t max_tokens) {
  const std::vector<std::byte> section = value_or_throw(runtime::serialize_tokenizer(tokenizer));
  return read_rows(path, task, value_or_throw(runtime::WordPieceTokenizer::bind(section)), max_tokens);
}

data::RowBlock held_out_rows(const std::string& path, const std::string& nog_path) {
  const Model model = value_or_throw(Model::open(nog_path));
  return read_rows(path, train::task_contents(model), model.tokenizer(), model.max_tokens());
}

}  // namespace noggin::cli
