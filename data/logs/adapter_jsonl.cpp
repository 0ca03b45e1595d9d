#include "data/logs/adapter_jsonl.h"

#include "data/logs/log_file.h"

namespace noggin::data {

std::optional<Rejection> check_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return Rejection{Reason::kNulByte, "\\u0000 in the text"};
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Rejection{Reason::kEmptyText, {}};
  return std::nullopt;
}

Status read_jsonl(const Source& source, const RowSchema& schema, RowSink& sink) {
  LogFile file(source, schema, sink);
  return file.read_lines([&file](const Line& line) { return file.read_json(line); });
}

}  // namespace noggin::data
