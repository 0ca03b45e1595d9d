// Shows what is in a file, whose kind is detected by its first bytes.
#include <fmt/format.h>

#include <filesystem>

#include "bytes/hex.h"
#include "data/files/input_file.h"
#include "data/ingest/inspect.h"
#include "export/onnx/onnx_export.h"
#include "export/report/text_table.h"
#include "format/file_bytes.h"
#include "format/reader.h"
#include "train/cli/checkpoint_file.h"
#include "train/cli/verbs.h"
#include "train/run/failure.h"
#include "train/run/stage_cache.h"

namespace noggin::tool {
namespace {

enum class FileKind { kModel, kShard, kCheckpoint, kOnnx, kLog };

FileKind kind_of(const std::string& path) {
  const std::string start = train::value_or_throw(train::value_or_throw(data::InputFile::open(path)).read(8));
  if (start == "NOGGINH5" || start.starts_with("\x89HDF")) return FileKind::kShard;  // sealed, or from elsewhere
  if (start.starts_with("NOGGIN")) return FileKind::kModel;
  if (start.starts_with("NOGCKPT")) return FileKind::kCheckpoint;
  if (path.ends_with(".onnx")) return FileKind::kOnnx;
  return FileKind::kLog;
}

std::string describe_config(const spec::ModelConfig& config) {
  std::string text =
      fmt::format("classes {}, vocabulary {}, max tokens {}, width {}, head width {}\n", config.classes,
                  config.vocabulary_size, config.max_tokens, config.encoder.width, config.encoder.head_width);
  if (config.encoder.embedding_width > 0)
    text += fmt::format("words are {} wide, and projected\n", config.encoder.embedding_width);
  for (std::size_t i = 0; i < config.encoder.layers.size(); ++i) {
    text += fmt::format("layer {}: {} heads, {} feed-forward neurons\n", i, config.encoder.layers[i].heads,
                        config.encoder.layers[i].ffn_width);
  }
  return text;
}

Result<std::string> describe_model(const std::string& path) {
  const Result<format::FileBytes> file = format::FileBytes::open(path);
  if (!file) return file.error();
  const Result<std::vector<format::SectionInfo>> sections = format::list_sections(file->bytes());
  if (!sections) return sections.error();
  exporter::TextTable table({"section", "offset", "size", "xxh3", "required"});
  for (const format::SectionInfo& section : *sections) {
    table.add({section.name, std::to_string(section.offset), std::to_string(section.size), hex(section.hash),
               section.required ? "yes" : "no"});
  }
  const Result<format::ModelView> model = format::read_model(file->bytes());
  if (!model) return Error{model.error().code, table.text() + model.error().message};
  return fmt::format(
      "{}\n{}golden vectors {}, none class {}, content {}\nprovenance {}\n", table.text(),
      describe_config(model->config), model->golden.size(),
      model->none_class < 0 ? "-" : std::string(model->labels[static_cast<std::size_t>(model->none_class)]),
      hex(model->content_hash), model->provenance);
}

Result<std::string> describe(FileKind kind, const std::string& path) {
  switch (kind) {
    case FileKind::kModel:
      return describe_model(path);
    case FileKind::kShard:
      return data::describe_shard(path);
    case FileKind::kCheckpoint:
      return checkpoint_text(path);
    case FileKind::kOnnx:
      return exporter::describe_onnx(path);
    case FileKind::kLog:
      break;
  }
  return data::describe_log(path);
}

}  // namespace

Options inspect_options() { return Options("Options"); }

train::ExitCode inspect(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  const std::string path = arguments.only_file("file");
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw train::Failure(train::ExitCode::kBadData,
                         path + " is not a file. Fix: name a log, shard, checkpoint, .nog or .onnx");
  }
  const std::string text = train::value_or_throw(describe(kind_of(path), path));
  Summary summary;
  summary.inputs = {path};
  console.finish(summary, text, {{"text", text}});
  return train::ExitCode::kOk;
}

}  // namespace noggin::tool
