#include "data/logs/adapter_conll.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bytes/utf8.h"
#include "data/lines/text_lines.h"
#include "data/logs/log_file.h"
#include "data/logs/tag_names.h"
#include "data/rows/invalid.h"

namespace noggin::data {
namespace {

constexpr std::string_view kDocumentStart = "-DOCSTART-";

bool is_blank_line(std::string_view text) { return text.find_first_not_of(" \t") == std::string_view::npos; }

// Columns are separated by single tabs, or by any number of spaces.
void split_columns(std::string_view line, std::vector<std::string_view>& columns) {
  columns.clear();
  const bool by_tab = line.find('\t') != std::string_view::npos;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find(by_tab ? '\t' : ' ', at), line.size());
    if (by_tab || end > at) columns.push_back(line.substr(at, end - at));
    at = end + 1;
  }
}

class ConllReader {
 public:
  ConllReader(const Source& source, const RowSchema& schema, RowSink& sink)
      : source_(source), schema_(schema), file_(source, schema, sink) {}

  Status read() {
    if (Status status = find_columns(); !status) return status;
    Result<TextLines> lines = TextLines::open(source_.path);
    if (!lines) return lines.error();
    while (true) {
      const Result<std::optional<TextLine>> line = lines->next();
      if (!line) return line.error();
      if (!line->has_value()) break;
      if (Status status = add(**line); !status) return status;
    }
    // The sentence in which a compressed file is cut is not whole.
    if (!lines->stream().cut())
      if (Status status = end_sentence(); !status) return status;
    return file_.finish(lines->stream(), lines->lines());
  }

 private:
  Status find_columns() {
    if (!spec::traits_of(schema_.task).per_token())
      return invalid(fmt::format("{}: a conll file gives one tag per token, but the task is {}. Fix: set task: tag",
                                 source_.path, spec::task_name(schema_.task)));
    if (source_.columns.empty()) return {};
    const auto place_of_column = [this](std::string_view name) {
      return static_cast<std::size_t>(std::find(source_.columns.begin(), source_.columns.end(), name) -
                                      source_.columns.begin());
    };
    token_column_ = place_of_column("tokens");
    tag_column_ = place_of_column("tags");
    if (token_column_ < source_.columns.size() && *tag_column_ < source_.columns.size()) return {};
    return invalid(source_.path +
                   ": columns must name \"tokens\" and \"tags\". Fix: name every column of the file, as "
                   "columns: [tokens, pos, tags], or leave columns out: tokens first, tags last");
  }

  Status add(const TextLine& line) {
    if (is_blank_line(line.text)) return end_sentence();
    split_columns(line.text, columns_);
    if (columns_[0] == kDocumentStart) return end_sentence();
    if (sentence_.empty() && is_comment()) return {};
    if (sentence_.empty()) first_line_ = line.number;
    if (trouble_ || sentence_.size() > kMaxLineBytes) return {};
    sentence_.append(line.text).push_back('\n');
    trouble_ = check(line);
    if (trouble_) return {};
    tokens_.emplace_back(columns_[token_column_]);
    const std::string_view tag = columns_[tag_column_.value_or(columns_.size() - 1)];
    fields_.tags.push_back(find_tag(tag, schema_, fields_.numbered));
    if (fields_.tags.back() == kNoLabel)
      trouble_ = Rejection{Reason::kUnknownTag, fmt::format("\"{}\" in line {}", tag, line.number)};
    return {};
  }

  bool is_comment() const {
    bool numbered = false;
    return columns_[0].starts_with('#') && (find_tag(columns_.back(), schema_, numbered) == kNoLabel || numbered);
  }

  Trouble check(const TextLine& line) {
    if (line.too_long) return Rejection{Reason::kLineTooLong, {}};
    if (!is_valid_utf8(line.text)) return Rejection{Reason::kInvalidUtf8, {}};
    const std::size_t named = source_.columns.size();
    if (width_ == 0) width_ = named > 0 ? named : columns_.size();
    if (columns_.size() == width_ && width_ > 1) return std::nullopt;
    return Rejection{Reason::kColumnCount, fmt::format("line {} has {} columns, must have {}", line.number,
                                                       columns_.size(), std::max<std::size_t>(width_, 2))};
  }

  Status end_sentence() {
    if (sentence_.empty()) return {};
    fields_.tokens.assign(tokens_.begin(), tokens_.end());
    fields_.seen = fields_.present = RowFields::kTokens | RowFields::kTags;
    const Line line{.text = sentence_, .number = first_line_};
    Status status = file_.read_filled(line, fields_, std::exchange(trouble_, std::nullopt));
    fields_.clear();
    tokens_.clear();
    sentence_.clear();
    return status;
  }

  const Source& source_;
  const RowSchema& schema_;
  LogFile file_;
  std::size_t token_column_ = 0;
  std::optional<std::size_t> tag_column_;  // nothing: the last
  std::size_t width_ = 0;                  // columns of the file
  std::vector<std::string_view> columns_;  // of a line
  // The sentence that is being read.
  std::string sentence_;
  std::uint64_t first_line_ = 0;
  std::vector<std::string> tokens_;
  RowFields fields_;
  Trouble trouble_;
};

}  // namespace

Status read_conll(const Source& source, const RowSchema& schema, RowSink& sink) {
  return ConllReader(source, schema, sink).read();
}

}  // namespace noggin::data
