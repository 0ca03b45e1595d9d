#include "data/logs/log_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "data/logs/log_row.h"
#include "data/rows/content_key.h"

namespace noggin::data {
namespace {

// "logs/a.jsonl.gz" -> "a".
std::string stem_of(const std::string& path) {
  std::filesystem::path name = std::filesystem::path(path).filename();
  if (name.extension() == ".gz" || name.extension() == ".zst") name = name.stem();
  return name.stem().string();
}

}  // namespace

LogFile::LogFile(const Source& source, const RowSchema& schema, RowSink& sink)
    : source_(source), schema_(schema), sink_(sink), stem_(stem_of(source.path)) {}

Status LogFile::read_lines(const std::function<Status(const Line&)>& read) {
  Result<LineReader> reader = LineReader::open(source_.path);
  if (!reader) return reader.error();
  while (true) {
    const Result<std::optional<Line>> line = reader->next();
    if (!line) return line.error();
    if (!line->has_value()) break;
    if (Status status = read(**line); !status) return status;
  }
  if (reader->stream().cut())
    if (Status status = sink_.reject(source_.path, reader->lines(), {Reason::kCutCompressedFile, {}}, {}); !status)
      return status;
  sink_.finished_file(source_.path, reader->stream().file_bytes(), reader->stream().file_hash());
  return {};
}

std::string_view LogFile::field_of(std::string_view name) const {
  if (source_.fields.empty()) return name;
  for (const auto& [field, own] : source_.fields)
    if (own == name) return field;
  return source_.fields.contains(std::string(name)) ? std::string_view() : name;
}

Status LogFile::reject(const Line& line, const Rejection& rejection) {
  return sink_.reject(source_.path, line.number, rejection, line.text);
}

Status LogFile::read_json(const Line& line, std::string_view id) {
  fields_.clear(source_.unit);
  Trouble trouble = row_.read(line, [&](std::string_view key, JsonRow::Value value) -> Trouble {
    const std::string_view field = field_of(key);
    if (field == "id" && !id.empty()) return std::nullopt;
    return read_field(field, value, schema_, fields_);
  });
  if (!id.empty() && !trouble) trouble = read_plain_field("id", id, schema_, fields_);
  return finish(line, std::move(trouble));
}

Status LogFile::read_values(const Line& line, std::span<const std::string> names,
                            std::span<const std::string_view> values) {
  fields_.clear();
  Trouble trouble;
  for (std::size_t i = 0; !trouble && i < names.size(); ++i)
    trouble = read_plain_field(field_of(names[i]), values[i], schema_, fields_);
  return finish(line, std::move(trouble));
}

Status LogFile::finish(const Line& line, Trouble trouble) {
  if (trouble) return reject(line, *trouble);
  Checked<BuiltRow> built = build_row(fields_, schema_);
  if (const auto* bad = std::get_if<Rejection>(&built)) return reject(line, *bad);
  const bool has_id = fields_.has(RowFields::kId);
  if (has_id && !ids_.insert(content_key(fields_.id)))
    return reject(line, {Reason::kDuplicateId, fmt::format("\"{}\"", fields_.id)});
  auto& [record, notes] = std::get<BuiltRow>(built);
  record.id = has_id ? std::move(fields_.id) : fmt::format("{}-{}", stem_, line.number);
  record.file = source_.path;
  record.line = line.number;
  return sink_.accept(std::move(record), notes);
}

}  // namespace noggin::data
