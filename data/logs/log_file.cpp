#include "data/logs/log_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "data/logs/field_aliases.h"
#include "data/logs/log_row.h"
#include "data/logs/tag_tools.h"
#include "data/rows/class_name.h"
#include "data/rows/content_key.h"

namespace noggin::data {
namespace {

// "logs/a.jsonl.gz" -> "a".
std::string stem_of(const std::string& path) {
  std::filesystem::path name = std::filesystem::path(path).filename();
  for (const char* packed : {".gz", ".zst", ".bz2", ".xz"})
    if (name.extension() == packed) name = name.stem();
  return name.stem().string();
}

// A path of more than a field's name.
bool is_nested(std::string_view name) { return name.find_first_of(".[\"") != std::string_view::npos; }

}  // namespace

bool is_columns(std::string_view name) { return name.ends_with('*'); }

std::string row_id(const std::string& path, std::uint64_t line) { return fmt::format("{}-{}", stem_of(path), line); }

std::optional<Rejection> check_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return Rejection{Reason::kNulByte, "\\u0000 in the text"};
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool may_be_blank = first == std::string_view::npos || static_cast<unsigned char>(text[first]) >= 0x80;
  if (may_be_blank && exact_class_key(text).empty()) return Rejection{Reason::kEmptyText, {}};
  return std::nullopt;
}

// The same row once more is a repeat; another text under this id is not.
bool RowIds::add(std::string_view id, std::string_view text) {
  const auto mine = static_cast<std::uint32_t>(content_key(text));
  const auto [known, is_new] = texts_.insert(content_key(id), mine);
  return is_new || known == mine;
}

LogFile::LogFile(const Source& source, const std::string& path, const RowSchema& schema, RowSink& sink)
    : source_(source), path_(path), schema_(schema), sink_(sink) {
  for (const auto& [field, name] : source.fields)
    if (is_columns(name))
      columns_.emplace_back(field, name.substr(0, name.size() - 1));
    else if (is_nested(name))
      if (Result<JsonPath> parsed = JsonPath::parse(name)) nested_.emplace_back(field, *std::move(parsed));
}

Status LogFile::read_documents(LineReader& reader, const std::function<Status(const Line&)>& read) {
  while (true) {
    const Result<std::optional<Line>> line = reader.next();
    if (!line) return line.error();
    if (!line->has_value()) return finish(reader);
    if (Status status = read(**line); !status) return status;
  }
}

Status LogFile::finish(const LineReader& reader) {
  // A plain line that is cut is rejected by itself, and nothing else is missing.
  const Wrapping wrapping = reader.wrapping();
  const bool by_line =
      wrapping == Wrapping::kLines || wrapping == Wrapping::kCrLines || wrapping == Wrapping::kLabelledLines;
  if (reader.cut() && !by_line && !reader.stream().cut())
    if (Status status = sink_.reject(path_, reader.lines(), {Reason::kCutFile, std::string(reader.cut_reason())}, {});
        !status)
      return status;
  return finish(reader.stream(), reader.lines());
}

Status LogFile::finish(const ByteStream& stream, std::uint64_t lines) {
  if (stream.cut())
    if (Status status = sink_.reject(path_, lines, {Reason::kCutCompressedFile, {}}, {}); !status) return status;
  sink_.finished_file(path_, stream.file_bytes(), stream.file_hash());
  return {};
}

std::string_view LogFile::field_named(std::string_view name) const {
  if (source_.fields.empty()) return name;
  for (const auto& [field, own] : source_.fields)
    if (own == name) return field;
  return source_.fields.contains(std::string(name)) ? std::string_view() : name;
}

Status LogFile::reject(const Line& line, const Rejection& rejection) {
  return sink_.reject(path_, line.number, rejection, line.text);
}

bool LogFile::has_text(JsonValue root) {
  inner_.clear();
  for (const auto& [field, path] : nested_)
    if (field == "text") return path.find(root, inner_).has_value();
  const auto named = source_.fields.find("text");
  if (named != source_.fields.end()) return field_of(root, named->second).has_value();
  return has_usual_text(root);
}

Status LogFile::read_json(const Line& line, std::string_view id) {
  const Checked<JsonValue> root = row_.parse(line);
  if (const auto* bad = std::get_if<Rejection>(&root)) return reject(line, not_an_object(line, *bad));
  return read_root(line, std::get<JsonValue>(root), id);
}

Status LogFile::read_root(const Line& line, JsonValue root, std::string_view id) {
  fields_.clear(source_.unit);
  inner_.clear();
  const TagTool* tool = has_own_fields() ? nullptr : find_tag_tool(root);
  family_ = tool != nullptr ? tool->name : std::string_view();
  if (tool == nullptr && !root.is_object()) return reject(line, {Reason::kNotAnObject, {}});
  Trouble trouble = tool != nullptr ? tool->read(root, schema_, inner_, fields_) : read_fields(root, id);
  if (!id.empty() && !trouble) fields_.set_id(id);
  return read_filled(line, fields_, std::move(trouble));
}

Trouble LogFile::read_fields(JsonValue root, std::string_view id) {
  JsonObject object = root.get_object().value();
  Trouble trouble = for_each_field(object, [&](std::string_view key, JsonValue& value) -> Trouble {
    const std::string_view field = field_named(key);
    if (field == "id" && !id.empty()) return std::nullopt;
    return read_field(field, value, schema_, fields_);
  });
  for (const auto& [field, path] : nested_) {
    std::optional<JsonValue> value = path.find(root, inner_);
    if (value && !trouble) trouble = read_field(field, *value, schema_, fields_);
  }
  for (const auto& [field, prefix] : columns_)
    if (!trouble) trouble = read_columns(field, prefix, object, schema_, fields_);
  if (trouble) return trouble;
  return read_other_names(object, schema_, fields_,
                          [this](std::string_view field) { return source_.fields.contains(std::string(field)); });
}

Status LogFile::read_filled(const Line& line, const RowFields& fields, Trouble trouble, std::string_view part) {
  const auto refuse = [&](Rejection why) {
    if (!part.empty()) why.detail.insert(0, ": ").insert(0, part);
    return reject(line, why);
  };
  if (trouble) return refuse(*trouble);
  Checked<BuiltRow> built = build_row(fields, schema_);
  if (const auto* bad = std::get_if<Rejection>(&built)) return refuse(*bad);
  const bool has_id = fields.has(RowFields::kId);
  auto& [record, notes] = std::get<BuiltRow>(built);
  if (has_id && !ids_->add(fields.id, record.text))
    return refuse({Reason::kDuplicateId, fmt::format("\"{}\"", fields.id)});
  record.id = has_id ? fields.id : row_id(path_, line.number);
  record.file = path_;
  record.line = line.number;
  notes.family = family_;
  notes.has_own_id = has_id;
  return sink_.accept(std::move(record), notes);
}

}  // namespace noggin::data
