#include "data/lines/line_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "bytes/byte_order_mark.h"
#include "data/lines/csv.h"
#include "data/lines/json_outline.h"

namespace noggin::data {
namespace {

constexpr std::size_t kLargestBuffer = kMaxLineBytes + kFirstBufferBytes + kLinePadding;
constexpr std::size_t kEventsLookedAt = 4096;  // bytes
static_assert(kLinePadding >= kScanPadding);

bool is_blank(std::string_view text) { return text.find_first_not_of(kJsonWhite) == std::string_view::npos; }

bool opens_json(char c) { return c == '{' || c == '['; }

// Whether the events are pieces of streamed answers, as OpenAI, Anthropic and those who follow them send them.
bool holds_pieces(std::string_view start) {
  for (const std::string_view mark : {"\"chat.completion.chunk\"", "\"delta\":{", "\"delta\": {", "\"message_start\"",
                                      "\"response.created\"", "\"response.output_text.delta\""})
    if (start.find(mark) != std::string_view::npos) return true;
  return false;
}

}  // namespace

Result<LineReader> LineReader::open(const std::string& path) {
  Result<TextStream> text = TextStream::open(path);
  if (!text) return text.error();
  LineReader reader(*std::move(text));
  if (Status status = reader.recognise(); !status) return status.error();
  return reader;
}

Result<LineReader> LineReader::open_piece(const std::string& path, const LinePiece& piece) {
  Result<TextStream> text = TextStream::open_plain(path, {piece.begin, piece.end});
  if (!text) return text.error();
  LineReader reader(*std::move(text));
  reader.lines_ = piece.lines_before;
  reader.offset_ = piece.begin;
  return reader;
}

// Fills the buffer with the start of the file.
Status LineReader::look() {
  while (!ended_ && end_ + kLinePadding + kMinTextBuffer <= buffer_.size())
    if (Status status = fill(); !status) return status;
  const bool only_cr = unread().find('\n') == std::string_view::npos && unread().find('\r') != std::string_view::npos;
  if (only_cr) line_end_ = '\r';
  return {};
}

Status LineReader::recognise() {
  if (Status status = look(); !status) return status;
  wrapping_ = wrapping_of(unread(), ended_);
  if (wrapping_ == Wrapping::kEvents && holds_pieces(unread().substr(0, kEventsLookedAt))) {
    return Error{ErrorCode::kBadData,
                 stream().path() +
                     " holds the pieces of streamed answers (server-sent events with deltas), not rows. "
                     "Fix: log the whole answer with its request: send it without stream, or join the "
                     "pieces where the log is made"};
  }
  if (wrapping_ == Wrapping::kLines) line_end_ = '\n';
  if (wrapping_ == Wrapping::kCrLines) line_end_ = '\r';
  const bool lines = wrapping_ == Wrapping::kLines || wrapping_ == Wrapping::kCrLines;
  looks_like_table_ = lines && is_table(unread(), ended_);
  return {};
}

std::string_view LineReader::cut_reason() const {
  if (text_.cut()) return stream().compressed() ? "ends inside its compressed data" : "ends inside a character";
  return cut_reason_;
}

Status LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (stream().compressed() && offset_ - next_offset_ > kSuspiciousBytes) {
    return Error{
        ErrorCode::kBadData,
        fmt::format("{}: line {} or blank lines behind it go on for {} bytes: a decompression bomb, or no log. "
                    "Fix: name the log itself",
                    stream().path(), next_number_, offset_ - next_offset_)};
  }
  if (end_ + kLinePadding + kMinTextBuffer > buffer_.size())
    buffer_.resize(std::min(2 * buffer_.size(), kLargestBuffer + kMinTextBuffer));
  const Result<std::size_t> count = text_.read({buffer_.data() + end_, buffer_.size() - kLinePadding - end_});
  if (!count) return count.error();
  end_ += *count;
  ended_ = *count == 0;
  return {};
}

void LineReader::consume(std::size_t bytes) {
  lines_ += static_cast<std::uint64_t>(std::count(buffer_.data() + begin_, buffer_.data() + begin_ + bytes, line_end_));
  pass(bytes);
}

void LineReader::pass(std::size_t bytes) {
  begin_ += bytes;
  offset_ += bytes;
}

// Gives up the unread bytes of a document, which goes on.
void LineReader::drop() {
  if (!dropped_) dropped_ = Dropped{std::string(unread().substr(0, kExcerptBytes)), lines_ + 1, offset_};
  consume(end_ - begin_);
}

// The next `length` bytes as a document; the caller consumes them.
Line LineReader::take(std::size_t length, bool terminated) const {
  Line line{unread().substr(0, length), lines_ + 1, offset_, terminated, length > kMaxLineBytes};
  if (dropped_) line = {dropped_->excerpt, dropped_->number, dropped_->offset, terminated, true};
  if (line.too_long) line.text = line.text.substr(0, kExcerptBytes);
  return line;
}

Result<std::optional<Line>> LineReader::next() {
  dropped_.reset();
  next_number_ = lines_ + 1;
  next_offset_ = offset_;
  switch (wrapping_) {
    case Wrapping::kLines:
    case Wrapping::kCrLines:
      return next_line();
    case Wrapping::kEvents:
      return next_event();
    case Wrapping::kRecordSeparators:
      return next_record();
    case Wrapping::kArray:
    case Wrapping::kDocuments:
      return next_document();
    case Wrapping::kLabelledLines:
      return next_labelled();
    case Wrapping::kTable:
      return next_row();
  }
  return std::optional<Line>();
}

// What lies before the next separator, which is consumed too, or before the end of the file.
Result<std::optional<Line>> LineReader::next_until(char separator) {
  std::size_t scanned = 0;
  while (true) {
    const std::string_view text = unread();
    const void* found = std::memchr(text.data() + scanned, separator, text.size() - scanned);
    if (found != nullptr) {
      const auto length = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
      const Line line = take(length, true);
      if (separator == line_end_) {
        lines_ += 1;
        pass(length + 1);
      } else {
        consume(length + 1);
      }
      return std::optional<Line>(line);
    }
    if (ended_) {
      if (text.empty() && !dropped_) return std::optional<Line>();
      const Line line = take(text.size(), false);
      consume(text.size());
      lines_ += 1;
      return std::optional<Line>(line);
    }
    scanned = text.size();
    if (scanned > kMaxLineBytes) {
      drop();
      scanned = 0;
    }
    if (Status status = fill(); !status) return status.error();
  }
}

Result<std::optional<Line>> LineReader::next_line() {
  while (true) {
    dropped_.reset();
    for (; begin_ < end_ && buffer_[begin_] == line_end_; ++lines_) pass(1);
    Result<std::optional<Line>> line = next_until(line_end_);
    if (!line || !line->has_value()) return line;
    std::string_view& text = (*line)->text;
    if (text.starts_with(kByteOrderMark)) {  // of a file that was appended to another
      text.remove_prefix(kByteOrderMark.size());
      (*line)->offset += kByteOrderMark.size();
    }
    if (!is_blank(text)) return line;
  }
}

// The value of the next `data:` line; a line that is no field of an event is returned as it is.
Result<std::optional<Line>> LineReader::next_event() {
  while (true) {
    Result<std::optional<Line>> line = next_line();
    if (!line || !line->has_value()) return line;
    std::string_view& text = (*line)->text;
    const std::size_t before = text.size();
    if (text.starts_with("data:")) text.remove_prefix(text.starts_with("data: ") ? 6 : 5);
    if (text.size() == before) {
      const bool is_field =
          text.starts_with("event:") || text.starts_with("id:") || text.starts_with("retry:") || text.starts_with(':');
      if (!is_field) return line;
      continue;
    }
    (*line)->offset += before - text.size();
    if (!is_blank(text) && !text.starts_with("[DONE]")) return line;
  }
}

Result<std::optional<Line>> LineReader::next_record() {
  while (true) {
    dropped_.reset();
    Result<std::optional<Line>> record = next_until('\x1e');
    if (!record || !record->has_value()) return record;
    Line& line = **record;
    if (is_blank(line.text)) continue;
    const std::size_t first = line.text.find_first_not_of(kJsonWhite);
    line.number += static_cast<std::uint64_t>(std::count(line.text.begin(), line.text.begin() + first, line_end_));
    line.offset += first;
    if (!line.too_long) line.text = line.text.substr(first, line.text.find_last_not_of(kJsonWhite) + 1 - first);
    line.terminated = true;  // the file's end ends a record
    return record;
  }
}

// To the next byte that is neither white space nor a comma.
Status LineReader::skip_between_documents() {
  while (true) {
    const std::string_view text = unread();
    const std::size_t first = text.find_first_not_of(" \t\r\n,");
    consume(std::min(first, text.size()));
    if (first != std::string_view::npos || ended_) return {};
    if (Status status = fill(); !status) return status;
  }
}

Result<std::optional<Line>> LineReader::next_document() {
  while (true) {
    if (Status status = skip_between_documents(); !status) return status.error();
    if (begin_ == end_) {
      if (in_array_) cut_reason_ = "has no bracket that closes its JSON array";
      return std::optional<Line>();
    }
    if (finished_) {  // what is left is read for its hash
      consume(end_ - begin_);
      continue;
    }
    const char c = buffer_[begin_];
    if (wrapping_ == Wrapping::kArray && c == (in_array_ ? ']' : '[')) {
      in_array_ = !in_array_;
      consume(1);
      continue;
    }
    if (wrapping_ == Wrapping::kArray && !in_array_) {
      finished_ = true;
      cut_reason_ = "goes on after the bracket that closes its JSON array";
      return next_until(line_end_);
    }
    if (opens_json(c)) return scan_document();
    return in_array_ ? scan_scalar() : next_until(line_end_);
  }
}

// A document that the end of the file or damage ends.
Result<std::optional<Line>> LineReader::last_document(std::size_t length, std::string_view reason) {
  cut_reason_ = reason;
  in_array_ = false;
  finished_ = true;
  return document(length, false);
}

std::optional<Line> LineReader::document(std::size_t length, bool terminated) {
  const Line line = take(length, terminated);
  consume(length);
  return line;
}

Result<std::optional<Line>> LineReader::scan_document() {
  const bool pretty = wrapping_ == Wrapping::kDocuments;
  scanner_.begin(pretty);
  for (std::size_t scanned = 0; true;) {
    const JsonScanner::Found found = scanner_.scan(unread(), scanned);
    if (found.stop == JsonScanner::Stop::kClosed) return document(found.at, true);
    if (found.stop == JsonScanner::Stop::kBroken) {
      if (pretty) return scan_broken(found.at);
      return last_document(found.at, "has brackets in its JSON array that do not match");
    }
    scanned = found.at;
    if (ended_) return last_document(scanned, "ends inside a JSON document");
    if (scanned > kMaxLineBytes) {
      drop();
      scanned = 0;
    }
    if (Status status = fill(); !status) return status.error();
  }
}

// A document that breaks off at unread()[at]: it ends where a line begins with a bracket.
Result<std::optional<Line>> LineReader::scan_broken(std::size_t at) {
  for (at -= std::min<std::size_t>(at, 1); true;) {
    const std::string_view text = unread();
    at = std::min(text.find(line_end_, at), text.size());
    if (at + 1 < text.size()) {
      if (opens_json(text[at + 1])) return document(at + 1, true);
      ++at;
      continue;
    }
    if (ended_) return last_document(text.size(), "ends inside a JSON document");
    if (text.size() > kMaxLineBytes) {
      drop();
      at = 0;
    }
    if (Status status = fill(); !status) return status.error();
  }
}

// An element of an array that is a string, a number or a word.
Result<std::optional<Line>> LineReader::scan_scalar() {
  bool in_string = false, escaped = false;
  for (std::size_t at = 0; true;) {
    const std::string_view text = unread();
    for (; at < text.size(); ++at) {
      const char c = text[at];
      if (in_string) {
        in_string = escaped || c != '"';
        escaped = !escaped && c == '\\';
      } else if (at > 0 && (c == ',' || c == ']' || opens_json(c) || is_blank({&c, 1}))) {
        return document(at, true);
      } else {
        in_string = c == '"';
      }
    }
    if (ended_) return last_document(at, "has no bracket that closes its JSON array");
    if (at > kMaxLineBytes) {
      drop();
      at = 0;
    }
    if (Status status = fill(); !status) return status.error();
  }
}

}  // namespace noggin::data
