#include "data/logs/adapter_brat.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <filesystem>
#include <optional>
#include <utility>

#include "bytes/content_hash.h"
#include "bytes/utf8.h"
#include "data/lines/text_lines.h"
#include "data/logs/log_file.h"
#include "data/logs/span_fields.h"
#include "data/rows/excerpt.h"
#include "data/rows/invalid.h"

namespace noggin::data {
namespace {

namespace fs = std::filesystem;

// The .ann files of a source, by name.
std::vector<std::string> annotation_files(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error))
    if (entry.path().extension() == ".ann") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

std::string text_file_of(const std::string& annotations) {
  return fs::path(annotations).replace_extension(".txt").string();
}

// "PERSON 0 11" -> type and place.
Trouble read_type_and_place(std::string_view field, const RowSchema& schema, LoggedSpan& span) {
  const std::size_t space = field.find(' ');
  const std::string_view place = space == std::string_view::npos ? std::string_view() : field.substr(space + 1);
  if (place.find(';') != std::string_view::npos)
    return Rejection{Reason::kBadOffset, fmt::format("a span in pieces, {}", excerpt(place))};
  const char* end = place.data() + place.size();
  const auto [middle, first] = std::from_chars(place.data(), end, span.start);
  if (first != std::errc() || middle == end || *middle != ' ' || span.start < 0)
    return Rejection{Reason::kWrongType, fmt::format("a span must be TYPE START END, is {}", excerpt(field))};
  const auto [rest, second] = std::from_chars(middle + 1, end, span.end);
  if (second != std::errc() || rest != end)
    return Rejection{Reason::kWrongType, fmt::format("a span must be TYPE START END, is {}", excerpt(field))};
  return find_span_type(field.substr(0, space), schema, span.type);
}

class BratReader {
 public:
  BratReader(const Source& source, const RowSchema& schema, RowSink& sink)
      : source_(source), schema_(schema), sink_(sink), file_(source, schema, sink) {}

  Status read(const std::vector<std::string>& files) {
    for (const std::string& annotations : files)
      if (Status status = read_document(annotations); !status) return status;
    sink_.finished_file(source_.path, bytes_, content_hash(hashes_.data(), hashes_.size() * sizeof(hashes_[0])));
    return {};
  }

 private:
  Status read_document(const std::string& annotations) {
    trouble_.reset();
    fields_.clear(source_.unit);
    if (Status status = read_text(text_file_of(annotations), annotations); !status) return status;
    if (Status status = read_annotations(annotations); !status) return status;
    fields_.id = fs::path(annotations).stem().string();
    fields_.text = text_;
    fields_.seen = fields_.present = RowFields::kId | RowFields::kText | RowFields::kSpans;
    if (!trouble_) trouble_ = check_text(text_);
    return file_.read_filled({.text = text_, .number = ++documents_}, fields_, std::move(trouble_),
                             fs::path(annotations).filename().string());
  }

  // The whole text, with its line ends as they are: offsets count them.
  Status read_text(const std::string& path, const std::string& annotations) {
    Result<ByteStream> stream = ByteStream::open(path);
    if (!stream)
      return Error{stream.error().code, fmt::format("{} (the text of {})", stream.error().message, annotations)};
    std::size_t size = 0;
    while (size <= kMaxLineBytes) {
      text_.resize(size + (std::size_t{1} << 16U));
      const Result<std::size_t> count = stream->read({text_.data() + size, text_.size() - size});
      if (!count) return count.error();
      if (*count == 0) break;
      size += *count;
    }
    text_.resize(size);
    if (size > kMaxLineBytes) trouble_ = Rejection{Reason::kLineTooLong, {}};
    if (!trouble_ && !is_valid_utf8(text_)) trouble_ = Rejection{Reason::kInvalidUtf8, {}};
    count_file(*stream);
    return {};
  }

  Status read_annotations(const std::string& path) {
    texts_.clear();
    Result<TextLines> lines = TextLines::open(path);
    if (!lines) return lines.error();
    while (true) {
      const Result<std::optional<TextLine>> line = lines->next();
      if (!line) return line.error();
      if (!line->has_value()) break;
      if (!trouble_ && (*line)->text.starts_with('T')) trouble_ = read_span(**line);
    }
    count_file(lines->stream());
    return {};
  }

  // T1<tab>PERSON 0 11<tab>Anna Muster
  Trouble read_span(const TextLine& line) {
    if (line.too_long) return Rejection{Reason::kLineTooLong, {}};
    if (!is_valid_utf8(line.text)) return Rejection{Reason::kInvalidUtf8, {}};
    const std::size_t first = line.text.find('\t');
    const std::size_t second = first == std::string_view::npos ? first : line.text.find('\t', first + 1);
    if (second == std::string_view::npos)
      return Rejection{Reason::kMissingField, fmt::format("type, place or text in line {}", line.number)};
    LoggedSpan span;
    if (Trouble trouble = read_type_and_place(line.text.substr(first + 1, second - first - 1), schema_, span))
      return trouble;
    span.text = texts_.emplace_back(line.text.substr(second + 1));
    fields_.spans.push_back(span);
    return std::nullopt;
  }

  void count_file(const ByteStream& stream) {
    bytes_ += stream.file_bytes();
    hashes_.push_back(stream.file_hash());
  }

  const Source& source_;
  const RowSchema& schema_;
  RowSink& sink_;
  LogFile file_;
  std::uint64_t documents_ = 0, bytes_ = 0;
  std::vector<std::uint64_t> hashes_;  // of all files read
  // The document that is being read.
  std::string text_;
  std::deque<std::string> texts_;  // of the spans
  RowFields fields_;
  Trouble trouble_;
};

}  // namespace

Status read_brat(const Source& source, const RowSchema& schema, RowSink& sink) {
  if (!spec::traits_of(schema.task).per_token())
    return invalid(fmt::format("{}: brat files give spans, but the task is {}. Fix: set task: tag", source.path,
                               spec::task_name(schema.task)));
  const std::vector<std::string> files = annotation_files(source.path);
  if (files.empty())
    return Error{ErrorCode::kNotFound,
                 source.path + ": no .ann file is in this folder. Fix: name the folder that has the annotations"};
  return BratReader(source, schema, sink).read(files);
}

std::vector<std::string> files_of(const Source& source) {
  if (source.adapter != Adapter::kBrat) return {source.path};
  std::vector<std::string> files;
  for (const std::string& annotations : annotation_files(source.path)) {
    files.push_back(annotations);
    files.push_back(text_file_of(annotations));
  }
  if (files.empty()) files.push_back(source.path);
  return files;
}

}  // namespace noggin::data
