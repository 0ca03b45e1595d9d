// Reads the rows of one file that have the fields of row_fields.h into a sink: maps field names, makes ids, judges each
// row. Shared by the adapters.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/json/json_path.h"
#include "data/json/json_row.h"
#include "data/lines/line_reader.h"
#include "data/logs/key_set.h"
#include "data/logs/row_fields.h"
#include "data/logs/row_sink.h"
#include "data/logs/source.h"

namespace noggin::data {

// The ids that rows of a file have of their own, as content keys, and the content key of the text that each had.
class RowIds {
 public:
  // False: another text has this id.
  bool add(std::string_view id, std::string_view text);

 private:
  KeyMap<std::uint32_t> texts_;
};

class LogFile {
 public:
  // All must outlive this object. path: of the file, if it is not the source's own.
  LogFile(const Source& source, const RowSchema& schema, RowSink& sink) : LogFile(source, source.path, schema, sink) {}
  LogFile(const Source& source, const std::string& path, const RowSchema& schema, RowSink& sink);
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // Rows of the file that stand before those that are read have these ids. Lives as long as this object.
  void continue_after(RowIds& ids) { ids_ = &ids; }
  // Hands each document of the file to `read` and tells the sink when the file ends, complete or cut.
  Status read_documents(LineReader& reader, const std::function<Status(const Line&)>& read);
  // Tells the sink that the file has ended, complete or cut.
  Status finish(const LineReader& reader);
  Status finish(const ByteStream& stream, std::uint64_t lines);
  // Whether the source says where the fields stand.
  bool has_own_fields() const { return !source_.fields.empty(); }
  // Whether a document has a text where rows of this source have it.
  bool has_text(JsonValue root);
  // Reads a line that is one JSON object. id: the row's id, "" if the row itself may have one.
  Status read_json(const Line& line, std::string_view id = {});
  // The same for a parsed line.
  Status read_root(const Line& line, JsonValue root, std::string_view id = {});
  // Judges a row whose fields are read already, unless there was a trouble. part: of the source, named if it is
  // refused.
  Status read_filled(const Line& line, const RowFields& fields, Trouble trouble, std::string_view part = {});
  Status reject(const Line& line, const Rejection& rejection);

 private:
  std::string_view field_named(std::string_view name) const;  // the field that a name in the log stands for, or ""
  Trouble read_fields(JsonValue root, std::string_view id);

  const Source& source_;
  const std::string& path_;
  const RowSchema& schema_;
  RowSink& sink_;
  std::vector<std::pair<std::string, JsonPath>> nested_;      // fields that stand at a path
  std::vector<std::pair<std::string, std::string>> columns_;  // fields that stand in several, and how these begin
  EmbeddedJson inner_;
  JsonRow row_;
  RowFields fields_;
  std::string_view family_{};  // of the row: what wrote it (tag_tools.h), or ""
  RowIds own_ids_;
  RowIds* ids_ = &own_ids_;
};

// "prob_*": all fields of a row that begin so.
bool is_columns(std::string_view name);

// The id of a row that has none: "logs/a.jsonl.gz", 7 -> "a-7".
std::string row_id(const std::string& path, std::uint64_t line);

// Nothing for a text that can be learnt from; else why not: empty, or with a NUL.
std::optional<Rejection> check_text(std::string_view text);

}  // namespace noggin::data
