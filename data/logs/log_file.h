// Reads one file of rows into a sink: maps field names, makes ids, judges each row. Shared by the adapters.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "data/json/json_row.h"
#include "data/lines/line_reader.h"
#include "data/logs/key_set.h"
#include "data/logs/row_fields.h"
#include "data/logs/row_sink.h"
#include "data/logs/source.h"

namespace noggin::data {

class LogFile {
 public:
  // All three must outlive this object.
  LogFile(const Source& source, const RowSchema& schema, RowSink& sink);

  // Hands each line of the file to `read` and tells the sink when the file ends, complete or cut.
  Status read_lines(const std::function<Status(const Line&)>& read);
  // Reads a line that is one JSON object. id: the row's id, "" if the row itself may have one.
  Status read_json(const Line& line, std::string_view id = {});
  // Reads a line of values, one for each name.
  Status read_values(const Line& line, std::span<const std::string> names, std::span<const std::string_view> values);
  Status reject(const Line& line, const Rejection& rejection);

 private:
  std::string_view field_of(std::string_view name) const;  // the field that a name in the log stands for, or ""
  Status finish(const Line& line, Trouble trouble);

  const Source& source_;
  const RowSchema& schema_;
  RowSink& sink_;
  std::string stem_;
  JsonRow row_;
  RowFields fields_;
  KeySet ids_;
};

}  // namespace noggin::data
