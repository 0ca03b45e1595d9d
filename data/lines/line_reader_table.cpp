// LineReader on tables: records as JSON objects.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/lines/csv.h"
#include "data/lines/line_reader.h"

namespace noggin::data {

struct LineReader::Table {
  char separator = ',';
  std::vector<std::string> columns;
  std::vector<std::string_view> values;  // of a record
  std::string unquoted, json;
};

LineReader::LineReader(TextStream text)
    : text_(std::move(text)), buffer_(kFirstBufferBytes + kLinePadding), offset_(text_.first_offset()) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

Result<LineReader> LineReader::open_any(const std::string& path) {
  Result<LineReader> reader = open(path);
  if (!reader || !reader->looks_like_table()) return reader;
  return open_table(path, {});
}

Result<LineReader> LineReader::open_table(const std::string& path, const TableOptions& options) {
  Result<TextStream> text = TextStream::open(path);
  if (!text) return text.error();
  LineReader reader(*std::move(text));
  if (Status status = reader.recognise_table(options); !status) return status.error();
  return reader;
}

const std::vector<std::string>& LineReader::columns() const { return table_->columns; }

Status LineReader::recognise_table(const TableOptions& options) {
  if (Status status = look(); !status) return status;
  wrapping_ = Wrapping::kTable;
  table_ = std::make_unique<Table>();
  const std::string_view start = unread();
  const std::size_t line = std::min(start.find_first_of("\r\n"), start.size());
  if (start.starts_with("sep=") && line == 5) {
    table_->separator = start[4];
    consume(start.substr(line).starts_with("\r\n") ? line + 2 : std::min(line + 1, start.size()));
  } else if (options.separator == 0) {
    table_->separator = separator_of(start.substr(0, CsvScanner(',', line_end_).scan(start, true).at));
  }
  if (options.separator != 0) table_->separator = options.separator;
  table_->columns = options.columns;
  if (!options.columns.empty()) return {};
  const std::size_t unnamed = columns_without_header(unread(), table_->separator, line_end_, ended_);
  for (std::size_t i = 1; i <= unnamed; ++i) table_->columns.push_back(fmt::format("column_{}", i));
  if (!table_->columns.empty()) return {};
  const Result<std::optional<Line>> header = scan_row();
  if (!header) return header.error();
  if (!header->has_value() || (*header)->too_long)
    return Error{ErrorCode::kBadData, stream().path() + " has no line with the names of its columns. Fix: add one"};
  table_->columns.assign(table_->values.begin(), table_->values.end());
  std::vector<std::string> names = table_->columns;
  std::sort(names.begin(), names.end());
  for (std::size_t i = 1; i < names.size(); ++i)
    if (names[i] == names[i - 1] && !names[i].empty())
      return Error{ErrorCode::kBadData, fmt::format("{}: two columns are called \"{}\". Fix: rename one of them",
                                                    stream().path(), names[i])};
  return {};
}

// The next record that is not blank, split into table_->values.
Result<std::optional<Line>> LineReader::scan_row() {
  CsvScanner scanner(table_->separator, line_end_);
  while (true) {
    const std::string_view text = unread();
    if (ended_ && text.empty() && !dropped_) return std::optional<Line>();
    const CsvScanner::Found found = scanner.scan(text, ended_);
    const bool unclosed = found.stop == CsvScanner::Stop::kUnclosed;
    if (unclosed || (scanner.in_quotes() && text.size() > kMaxLineBytes)) {
      const auto ends =
          std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(scanner.value()), line_end_);
      return Error{
          ErrorCode::kBadData,
          fmt::format("{}:{}: the quote that opens a value here is never closed. Fix: write a value that holds "
                      "quotes in quotes, each of its own doubled, or mend the end of the file if it is cut",
                      stream().path(), lines_ + 1 + static_cast<std::uint64_t>(ends))};
    }
    if (found.stop == CsvScanner::Stop::kRecord) {
      const bool terminated = found.at < text.size();
      Line line = take(found.at, terminated);
      if (!line.too_long && line_end_ == '\n' && line.text.ends_with('\r')) line.text.remove_suffix(1);
      consume(found.at + (terminated ? 1 : 0));
      if (!terminated) ++lines_;
      if (line.text.find_first_not_of(" \r\n") == std::string_view::npos) {
        scanner = CsvScanner(table_->separator, line_end_);
        continue;
      }
      if (!line.too_long) split_record(line.text, table_->separator, table_->values, table_->unquoted);
      return std::optional<Line>(line);
    }
    if (text.size() > kMaxLineBytes) {
      drop();
      scanner.drop();
    }
    if (Status status = fill(); !status) return status.error();
  }
}

Result<std::optional<Line>> LineReader::next_row() {
  Result<std::optional<Line>> row = scan_row();
  if (!row || !row->has_value() || (*row)->too_long) return row;
  Line& line = **row;
  if (table_->values.size() != table_->columns.size()) {
    line.values = table_->values.size();
    line.columns = table_->columns.size();
    return row;
  }
  write_json_object(table_->columns, table_->values, table_->json);
  const std::size_t size = table_->json.size();
  table_->json.resize(size + kLinePadding);
  line.text = std::string_view(table_->json).substr(0, size);
  return row;
}

// "__label__A the text" as {"label": "A", "text": "the text"}, several labels as {"labels": "[...]", ...}.
Result<std::optional<Line>> LineReader::next_labelled() {
  Result<std::optional<Line>> row = next_line();
  if (!row || !row->has_value() || (*row)->too_long) return row;
  Line& line = **row;
  std::string_view rest = line.text;
  std::string listed;
  std::vector<std::string_view> labels;
  while (rest.starts_with(kLineLabel)) {
    rest.remove_prefix(kLineLabel.size());
    const std::size_t end = std::min(rest.find_first_of(" \t\r"), rest.size());
    labels.push_back(rest.substr(0, end));
    listed += labels.size() == 1 ? "[\"" : ",\"";
    append_escaped(labels.back(), listed);
    listed += '"';
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r", end), rest.size()));
  }
  if (labels.empty()) return row;  // for its reader to refuse
  listed += ']';
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  if (!table_) table_ = std::make_unique<Table>();
  const bool one = labels.size() == 1;
  table_->columns = {one ? "label" : "labels", "text"};
  write_json_object(table_->columns, {one ? labels.front() : std::string_view(listed), rest}, table_->json);
  const std::size_t size = table_->json.size();
  table_->json.resize(size + kLinePadding);
  line.text = std::string_view(table_->json).substr(0, size);
  return row;
}

}  // namespace noggin::data
