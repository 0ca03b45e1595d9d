#include "train/cli/held_out_rows.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "data/encoding/align_report.h"
#include "data/encoding/row_encoder.h"
#include "data/files/json_document.h"
#include "data/ingest/ingest.h"
#include "data/lines/line_reader.h"
#include "data/rows/labels.h"
#include "data/shards/shard.h"
#include "data/vocabulary/vocabulary.h"
#include "format/reader.h"
#include "noggin/engine.h"
#include "tokenizer/wordpiece.h"
#include "train/run/failure.h"
#include "train/task/task_reader.h"

namespace noggin::tool {
namespace {

using train::value_or_throw;

// parity.jsonl begins with a line that is no row.
bool has_parity_header(const std::string& path) {
  Result<data::LineReader> lines = data::LineReader::open(path);
  if (!lines) return false;
  const Result<std::optional<data::Line>> first = lines->next();
  const auto json = first && *first ? data::parse_json((*first)->text) : std::nullopt;
  return json && json->is_object() && json->contains("parity") && !json->contains("text");
}

void warn_about(const data::SplitReport& counts, std::uint64_t rejected, const data::AlignmentCounts& alignment,
                const std::string& path, train::Progress& progress) {
  if (rejected > 0) {
    progress.warn(
        fmt::format("{} of {} lines of {} cannot be used ({}): they are not measured. Fix: `noggin ingest` "
                    "names each in its quarantine file",
                    rejected, counts.lines, path, data::top_reasons(counts.rejected)));
  }
  const std::string misaligned = data::describe_misaligned(alignment, path);
  if (!misaligned.empty()) progress.warn(misaligned);
}

// tokenizer: null for an n-gram model, which uses no tokens.
data::ExampleTable read_rows(const std::string& path, const format::TaskContents& task,
                             const runtime::WordPieceTokenizer* tokenizer, std::uint32_t max_tokens,
                             float gold_threshold, train::Progress& progress) {
  if (path.ends_with(".h5")) {
    data::ExampleTable block = value_or_throw(data::read_shard(path));
    if (block.classes == task.labels.size() && block.task == task.kind) return block;
    throw train::Failure(train::ExitCode::kBadData,
                         path + " was made for other classes or another task. Fix: use rows of this model's task");
  }
  const std::string none = task.none_class < 0 ? std::string() : task.labels[static_cast<std::size_t>(task.none_class)];
  const data::LabelSet labels = value_or_throw(data::LabelSet::create(task.labels, {}, none, task.kind));
  return json_rows(path, {labels, task.kind, 1, gold_threshold, tokenizer, max_tokens}, progress).table;
}

}  // namespace

float gold_threshold_of(const Model& model) {
  if (!spec::traits_of(model.task()).is_number()) return 0.5F;
  const auto json = data::parse_json(model.view().provenance);
  const bool told =
      json && json->is_object() && json->contains(kScoreThresholdKey) && json->at(kScoreThresholdKey).is_number();
  return told ? json->at(kScoreThresholdKey).get<float>() : model.threshold(0);
}

RowTable::RowTable(const RowReading& reading) {
  table_.task = reading.task;
  table_.classes = static_cast<std::uint32_t>(reading.labels.names().size());
  table_.top_k = reading.top_k;
  table_.gold_threshold = reading.gold_threshold;
  if (reading.tokenizer != nullptr)
    encoder_.emplace(value_or_throw(data::RowSchema::create(reading.task, reading.labels, reading.top_k)),
                     *reading.tokenizer, reading.max_tokens);
}

void RowTable::add(const data::Record& record) {
  if (!encoder_) return table_.append(record, {});
  const data::EncodedRow& row = encoder_->encode(record);
  table_.append(record, row.tokens, row.targets);
}

JsonRows json_rows(const std::string& path, const RowReading& reading, train::Progress& progress) {
  JsonRows result;
  RowTable rows(reading);
  const auto accept = [&](data::Record&& record) -> Status {
    rows.add(record);
    result.lines.push_back(record.line);
    return {};
  };
  const data::SplitReport counts = value_or_throw(
      data::read_split({path, {{.path = path}}, false}, reading.labels, {}, "", accept, nullptr, reading.task));
  result.rejected = counts.rejected_lines();
  if (result.rejected > 0 && has_parity_header(path)) --result.rejected;
  warn_about(counts, result.rejected, rows.alignment(), path, progress);
  result.table = rows.take();
  return result;
}

data::ExampleTable held_out_rows(const std::string& path, const format::TaskContents& task,
                                 const runtime::TokenizerContents& tokenizer, std::uint32_t max_tokens,
                                 train::Progress& progress) {
  const std::vector<std::byte> section = value_or_throw(runtime::serialize_tokenizer(tokenizer));
  const runtime::WordPieceTokenizer bound = value_or_throw(runtime::WordPieceTokenizer::bind(section));
  // A checkpoint's own threshold is still the gold threshold: none has been fitted yet.
  return read_rows(path, task, &bound, max_tokens, format::decision_of(task).threshold(0), progress);
}

data::ExampleTable held_out_rows(const std::string& path, const std::string& nog_path, train::Progress& progress) {
  const Model model = value_or_throw(Model::open(nog_path));
  const bool reads_tokens = model.view().config.family == spec::Family::kEncoder;
  return read_rows(path, train::task_contents(model), reads_tokens ? &model.tokenizer() : nullptr, model.max_tokens(),
                   gold_threshold_of(model), progress);
}

}  // namespace noggin::tool
