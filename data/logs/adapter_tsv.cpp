#include "data/logs/adapter_tsv.h"

#include <fmt/format.h>

#include <vector>

#include "bytes/utf8.h"
#include "data/logs/log_file.h"

namespace noggin::data {
namespace {

Trouble split(const Line& line, std::size_t columns, std::vector<std::string_view>& values) {
  if (line.too_long) return Rejection{Reason::kLineTooLong, {}};
  if (!is_valid_utf8(line.text)) return Rejection{Reason::kInvalidUtf8, {}};
  std::string_view rest = line.text;
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  values.clear();
  for (std::size_t tab = 0; tab != std::string_view::npos; rest.remove_prefix(tab + 1)) {
    tab = rest.find('\t');
    values.push_back(rest.substr(0, tab));
    if (tab == std::string_view::npos) break;
  }
  if (values.size() == columns) return std::nullopt;
  return Rejection{Reason::kColumnCount, fmt::format("{} values, {} columns", values.size(), columns)};
}

}  // namespace

Status read_tsv(const Source& source, const RowSchema& schema, RowSink& sink) {
  LogFile file(source, schema, sink);
  std::vector<std::string_view> values;
  return file.read_lines([&](const Line& line) {
    if (const Trouble trouble = split(line, source.columns.size(), values)) return file.reject(line, *trouble);
    return file.read_values(line, source.columns, values);
  });
}

}  // namespace noggin::data
