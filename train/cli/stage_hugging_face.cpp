// Writes the float student of a finished training as a Hugging Face folder.
#include <filesystem>

#include "train/checkpoint/checkpoint.h"
#include "train/cli/stages.h"
#include "train/pretrained/bert_folder.h"
#include "train/run/failure.h"

namespace noggin::tool {

std::vector<std::string> write_hugging_face(RunContext& context, const TrainedStudent& student,
                                            const std::string& folder, bool replace) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!replace && fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    throw train::Failure(train::ExitCode::kOutput,
                         folder +
                             " is not empty. Fix: choose another folder, or --force to replace the "
                             "files of an earlier export in it");
  }
  context.console.progress().note("export: writing the float student of " + student.float_checkpoint);
  const train::StudentBundle bundle = train::value_or_throw(train::read_bundle(student.float_checkpoint));
  train::throw_unless_written(train::write_pretrained(bundle.student, bundle.tokenizer, bundle.task, folder));
  std::vector<std::string> files;
  for (const char* name :
       {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"}) {
    files.push_back((fs::path(folder) / name).string());
  }
  return files;
}

}  // namespace noggin::tool
