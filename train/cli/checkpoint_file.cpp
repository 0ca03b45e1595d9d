#include "train/cli/checkpoint_file.h"

#include "noggin/engine.h"
#include "train/cli/held_out_rows.h"
#include "train/loop/checkpoint.h"
#include "train/loop/failure.h"

namespace noggin::cli {

using train::value_or_throw;

Result<std::string> checkpoint_text(const std::string& path) { return train::describe_checkpoint(path); }

format::TaskContents task_of(const std::string& path) {
  if (!path.ends_with(".nog")) return value_or_throw(train::read_bundle(path)).task;
  const Model model = value_or_throw(Model::open(path));
  return {{model.labels().begin(), model.labels().end()}, model.none_class()};
}

data::RowBlock checkpoint_rows(const std::string& data_path, const std::string& checkpoint) {
  const train::StudentBundle bundle = value_or_throw(train::read_bundle(checkpoint));
  return held_out_rows(data_path, bundle.task, bundle.tokenizer, bundle.student.config.max_tokens);
}

}  // namespace noggin::cli
