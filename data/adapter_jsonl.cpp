#include "data/adapter_jsonl.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "data/content_hash.h"
#include "data/json_row.h"
#include "data/key_set.h"
#include "data/teacher_distribution.h"

namespace noggin::data {
namespace {

using Value = JsonRow::Value;

// The fields of one row, reused from row to row.
struct Fields {
  std::string id;
  std::string_view text;
  std::int32_t label = kNoLabel;
  bool has_id = false, has_text = false, has_label = false, has_values = false;
  ValueKind kind = ValueKind::kLogprobs;
  std::vector<ListedWord> words;

  void clear() {
    words.clear();
    *this = Fields{.id{}, .text{}, .words = std::move(words)};
  }
};

Trouble read_id(Value& value, Fields& row) {
  if (std::exchange(row.has_id, true)) return Rejection{Reason::kRepeatedField, "id"};
  std::int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS) {
    row.id = std::to_string(number);
    return std::nullopt;
  }
  const Checked<std::string_view> id = read_string(value, "id");
  if (const auto* bad = std::get_if<Rejection>(&id)) return *bad;
  row.id = std::get<std::string_view>(id);
  return std::nullopt;
}

Trouble read_text(Value& value, Fields& row) {
  if (std::exchange(row.has_text, true)) return Rejection{Reason::kRepeatedField, "text"};
  const Checked<std::string_view> text = read_string(value, "text");
  if (const auto* bad = std::get_if<Rejection>(&text)) return *bad;
  row.text = std::get<std::string_view>(text);
  return check_text(row.text);
}

Trouble read_label(Value& value, const LabelSet& labels, Fields& row) {
  if (std::exchange(row.has_label, true)) return Rejection{Reason::kRepeatedField, "label"};
  if (is_null(value)) return std::nullopt;
  const Checked<std::string_view> name = read_string(value, "label");
  if (const auto* bad = std::get_if<Rejection>(&name)) return *bad;
  row.label = labels.find(std::get<std::string_view>(name));
  if (row.label == kNoLabel)
    return Rejection{Reason::kUnknownLabel, fmt::format("\"{}\"", std::get<std::string_view>(name))};
  return std::nullopt;
}

Trouble read_values(Value& value, ValueKind kind, std::string_view field, const LabelSet& labels, Fields& row) {
  simdjson::ondemand::json_type type;
  if (const auto code = value.type().get(type)) return trouble_of(code, field);
  if (type == simdjson::ondemand::json_type::null) return std::nullopt;
  if (std::exchange(row.has_values, true))
    return Rejection{row.kind == kind ? Reason::kRepeatedField : Reason::kSeveralDistributions, std::string(field)};
  row.kind = kind;
  const auto append = [&row](std::int32_t index, std::string_view where, Value& item) -> Trouble {
    const Checked<double> number = read_number(item, where);
    if (const auto* bad = std::get_if<Rejection>(&number)) return *bad;
    row.words.push_back({index, std::get<double>(number)});
    return std::nullopt;
  };
  if (type == simdjson::ondemand::json_type::object)
    return for_each_field(value, field,
                          [&](std::string_view word, Value item) { return append(labels.find(word), word, item); });
  if (type != simdjson::ondemand::json_type::array)
    return Rejection{Reason::kWrongType, fmt::format("{} must be an object or an array", field)};
  Trouble trouble = for_each_element(
      value, field, [&](Value& item) { return append(static_cast<std::int32_t>(row.words.size()), field, item); });
  if (!trouble && row.words.size() != labels.names().size())
    return Rejection{Reason::kWrongLength,
                     fmt::format("{} has {} values for {} classes", field, row.words.size(), labels.names().size())};
  return trouble;
}

Trouble read_field(std::string_view key, Value& value, const LabelSet& labels, Fields& row) {
  if (key == "id") return read_id(value, row);
  if (key == "text") return read_text(value, row);
  if (key == "label") return read_label(value, labels, row);
  if (key == "logprobs") return read_values(value, ValueKind::kLogprobs, key, labels, row);
  if (key == "probs") return read_values(value, ValueKind::kProbs, key, labels, row);
  if (key == "logits") return read_values(value, ValueKind::kLogits, key, labels, row);
  return std::nullopt;
}

// "logs/a.jsonl.gz" -> "a".
std::string stem_of(const std::string& path) {
  std::filesystem::path name = std::filesystem::path(path).filename();
  if (name.extension() == ".gz" || name.extension() == ".zst") name = name.stem();
  return name.stem().string();
}

class JsonlFile {
 public:
  JsonlFile(const std::string& path, const LabelSet& labels, std::uint32_t top_k, RowSink& sink)
      : path_(path), stem_(stem_of(path)), labels_(labels), top_k_(top_k), sink_(sink) {}

  Status read_row(const Line& line) {
    fields_.clear();
    Trouble trouble =
        row_.read(line, [this](std::string_view key, Value value) { return read_field(key, value, labels_, fields_); });
    BuiltDistribution built;
    if (!trouble) trouble = finish(built);
    if (trouble) return sink_.reject(path_, line.number, *trouble, line.text);
    Record record{.id = fields_.has_id ? std::move(fields_.id) : fmt::format("{}-{}", stem_, line.number),
                  .text = std::string(fields_.text),
                  .label = fields_.label,
                  .teacher = std::move(built.teacher),
                  .source = fmt::format("{}:{}", path_, line.number)};
    return sink_.accept(std::move(record), {built.unmapped_words, built.renormalised});
  }

 private:
  // What can only be judged when all fields are known.
  Trouble finish(BuiltDistribution& built) {
    if (!fields_.has_text) return Rejection{Reason::kMissingField, "text"};
    if (fields_.has_values) {
      Checked<BuiltDistribution> result = build_distribution(fields_.kind, fields_.words, top_k_);
      if (auto* bad = std::get_if<Rejection>(&result)) return std::move(*bad);
      built = std::get<BuiltDistribution>(std::move(result));
    }
    if (fields_.has_id && !ids_.insert(content_key(fields_.id)))
      return Rejection{Reason::kDuplicateId, fmt::format("\"{}\"", fields_.id)};
    return std::nullopt;
  }

  std::string path_, stem_;
  const LabelSet& labels_;
  std::uint32_t top_k_;
  RowSink& sink_;
  JsonRow row_;
  Fields fields_;
  KeySet ids_;
};

}  // namespace

std::optional<Rejection> check_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return Rejection{Reason::kNulByte, "\\u0000 in the text"};
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Rejection{Reason::kEmptyText, {}};
  return std::nullopt;
}

Status read_jsonl(const std::string& path, const LabelSet& labels, std::uint32_t top_k, RowSink& sink) {
  Result<LineReader> reader = LineReader::open(path);
  if (!reader) return reader.error();
  JsonlFile file(path, labels, top_k, sink);
  while (true) {
    const Result<std::optional<Line>> line = reader->next();
    if (!line) return line.error();
    if (!line->has_value()) break;
    if (Status status = file.read_row(**line); !status) return status;
  }
  if (reader->stream().cut())
    if (Status status = sink.reject(path, reader->lines(), {Reason::kCutCompressedFile, {}}, {}); !status)
      return status;
  sink.finished_file(path, reader->stream().file_bytes(), reader->stream().file_hash());
  return {};
}

}  // namespace noggin::data
