// Shows what is in a file, whose kind is detected by its first bytes.
#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "bytes/foreign_text.h"
#include "bytes/hex.h"
#include "data/files/input_file.h"
#include "data/ingest/inspect.h"
#include "export/onnx/onnx_export.h"
#include "export/report/text_table.h"
#include "format/file_bytes.h"
#include "format/reader.h"
#include "train/cli/checkpoint_file.h"
#include "train/cli/recipe_proposal.h"
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
  if (config.encoder.word_type == spec::WeightType::kInt4) text += "words are int4 on the device\n";
  if (spec::has_int4_layers(config)) text += "layers have int4 weights on the device\n";
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

// The classes that a shard's own ingest was given; nothing if its report is not where ingest leaves it.
std::vector<std::string> class_names_beside(const std::string& shard) {
  const std::filesystem::path folder = std::filesystem::absolute(shard).parent_path().parent_path();
  std::ifstream file(folder / "ingest_report.json");
  const Json report = Json::parse(file, nullptr, false);
  std::vector<std::string> names;
  if (report.is_object() && report.contains("labels"))
    for (const Json& name : report["labels"])
      if (name.is_string()) names.push_back(name.get<std::string>());
  return names;
}

std::uint64_t row_count(const std::string& word) {
  std::uint64_t count = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), count);
  if (code != std::errc() || end != word.data() + word.size() || count == 0)
    throw train::Failure(train::ExitCode::kUsage, "--rows needs a number from 1, as in --rows 20");
  return count;
}

train::ExitCode inspect_rows(const Arguments& arguments, Console& console) {
  const std::uint64_t count = row_count(*arguments.text("rows"));
  if (arguments.files().empty())
    throw train::Failure(train::ExitCode::kUsage, "no file given. Fix: name a shard, or one or more logs");
  std::vector<data::ShownRow> rows;
  data::SplitReport report;
  if (kind_of(arguments.files().front()) == FileKind::kShard) {
    const std::string& shard = arguments.only_file("shard");
    rows = train::value_or_throw(data::rows_of_shard(shard, class_names_beside(shard), count));
  } else {
    rows = rows_of_logs({arguments.files(), arguments.text_or("task", ""), arguments.text_or("question", "")}, count,
                        report);
  }
  for (const data::ShownRow& row : rows)
    console.results() << (console.json() ? data::to_json(row) : printable(data::to_text(row))) << '\n';
  for (const data::SourceReport& source : report.sources) {
    if (source.rejected.empty()) continue;
    console.progress().warn(fmt::format("{}: {} of {} documents looked at cannot be used: {}", source.path,
                                        source.rejected_lines(), source.documents(),
                                        data::top_reasons(source.rejected)));
    for (const std::string& example : source.examples) console.progress().warn(example);
  }
  Summary summary;
  summary.inputs = arguments.files();
  console.finish_quietly(summary);
  return train::ExitCode::kOk;
}

}  // namespace

Options inspect_options() {
  Options options("Options");
  options.add_options()(
      "rows", boost::program_options::value<std::string>()->value_name("N"),
      "of a shard, or of logs (several files may be given): the first rows, as they are understood; with "
      "--json one object a line")("task", boost::program_options::value<std::string>(),
                                  "of logs: what the rows are for, if it is not what they seem to be")(
      "question", boost::program_options::value<std::string>()->value_name("NAME"),
      "of logs of typed decisions: whose answers to show");
  return options;
}

train::ExitCode inspect(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  if (arguments.has("rows")) return inspect_rows(arguments, console);
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
