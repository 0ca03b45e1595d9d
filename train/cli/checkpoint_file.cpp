#include "train/cli/checkpoint_file.h"

#include "format/reader.h"
#include "noggin/engine.h"
#include "train/checkpoint/checkpoint.h"
#include "train/cli/held_out_rows.h"
#include "train/run/failure.h"
#include "train/task/task_reader.h"

namespace noggin::tool {

using train::value_or_throw;

Result<std::string> checkpoint_text(const std::string& path) { return train::describe_checkpoint(path); }

std::unique_ptr<const train::TaskReader> reader_of(const std::string& path) {
  if (!path.ends_with(".nog")) {
    const train::StudentBundle bundle = value_or_throw(train::read_bundle(path));
    return value_or_throw(train::TaskReader::create(bundle.task, bundle.tokenizer, bundle.student.config.max_tokens));
  }
  const Model model = value_or_throw(Model::open(path));
  if (model.view().config.family == spec::Family::kNgram)
    return value_or_throw(train::TaskReader::create(train::task_contents(model)));
  std::vector<std::byte> section(model.view().tokenizer.begin(), model.view().tokenizer.end());
  const runtime::WordPieceTokenizer tokenizer = value_or_throw(runtime::WordPieceTokenizer::bind(section));
  return value_or_throw(
      train::TaskReader::create(train::task_contents(model), tokenizer, model.max_tokens(), std::move(section)));
}

data::ExampleTable checkpoint_rows(const std::string& data_path, const std::string& checkpoint,
                                   train::Progress& progress) {
  const train::StudentBundle bundle = value_or_throw(train::read_bundle(checkpoint));
  return held_out_rows(data_path, bundle.task, bundle.tokenizer, bundle.student.config.max_tokens, progress);
}

}  // namespace noggin::tool
