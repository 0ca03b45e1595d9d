#include "data/lines/wrapping.h"

#include <algorithm>

#include "data/lines/json_outline.h"

namespace noggin::data {
namespace {

using OutlineKind = JsonOutline::Kind;

constexpr std::size_t kEnoughForLineEnds = 64 * 1024;  // a file whose lines are longer has no lines
constexpr int kEventLines = 8;                         // comments and names that may stand before the first `data:`

Wrapping lines_of(std::string_view start, bool is_whole) {
  const bool judged = is_whole || start.size() >= kEnoughForLineEnds;
  const bool only_cr = start.find('\n') == std::string_view::npos && start.find('\r') != std::string_view::npos;
  return judged && only_cr ? Wrapping::kCrLines : Wrapping::kLines;
}

bool is_events(std::string_view start) {
  for (int line = 0; line < kEventLines && !start.empty(); ++line) {
    if (start.starts_with("data:")) return true;
    const std::size_t end = std::min(start.find('\n'), start.size());
    const bool is_field = start.starts_with("event:") || start.starts_with("id:") || start.starts_with("retry:") ||
                          start.starts_with(":");
    if (!is_field && start.substr(0, end).find_first_not_of("\r") != std::string_view::npos) return false;
    start.remove_prefix(std::min(end + 1, start.size()));
  }
  return false;
}

// The white space behind a value, and what follows it.
struct Gap {
  std::string_view white;
  char next = 0;  // 0: the end of the text
};

Gap gap_after(std::string_view start, std::size_t end) {
  const std::size_t next = std::min(start.find_first_not_of(kJsonWhite, end), start.size());
  return {start.substr(end, next - end), next < start.size() ? start[next] : '\0'};
}

bool opens_document(char c) { return c == '{' || c == '['; }

// Whether a whole document follows, or one that is longer than what is looked at.
bool begins_document(std::string_view start, std::size_t from, bool is_whole) {
  const JsonOutline next = outline_json(start, from);
  if (next.begin >= start.size() || !opens_document(start[next.begin])) return false;
  return next.kind == OutlineKind::kWhole || (next.kind == OutlineKind::kCut && !is_whole);
}

Wrapping of_object(std::string_view start, bool is_whole) {
  const JsonOutline first = outline_json(start);
  if (first.kind == OutlineKind::kBroken) return lines_of(start, is_whole);
  const std::string_view value = start.substr(first.begin, first.end - first.begin);
  if (const std::size_t line_end = value.find_first_of("\r\n"); line_end != std::string_view::npos) {
    // A line that begins with a bracket is a row after one that was cut, not the inside of an object.
    const std::size_t second = value.find_first_not_of("\r\n", line_end);
    const bool is_row = second != std::string_view::npos && value[second] == '{' && first.kind == OutlineKind::kCut;
    return is_row ? lines_of(start, is_whole) : Wrapping::kDocuments;
  }
  if (first.kind == OutlineKind::kCut) return lines_of(start, is_whole);
  const Gap gap = gap_after(start, first.end);
  if (gap.white.find('\n') != std::string_view::npos) return Wrapping::kLines;
  if (gap.white.find('\r') != std::string_view::npos) return gap.next == 0 ? Wrapping::kLines : Wrapping::kCrLines;
  // Objects separated by nothing, or by commas without the brackets of an array.
  const std::size_t second = gap.next == ',' ? start.find(',', first.end) + 1 : first.end;
  const bool another = gap.next == ',' || opens_document(gap.next);
  return another && begins_document(start, second, is_whole) ? Wrapping::kDocuments : lines_of(start, is_whole);
}

Wrapping of_array(std::string_view start, bool is_whole) {
  const JsonOutline first = outline_json(start);
  const std::string_view value = start.substr(first.begin, first.end - first.begin);
  const bool several_lines = value.find_first_of("\r\n") != std::string_view::npos;
  const std::size_t inner = start.find_first_not_of(kJsonWhite, first.begin + 1);
  const bool of_documents = first.elements > 0 && inner != std::string_view::npos && opens_document(start[inner]);
  // "[INFO] started" is no array; one with a fault further on is.
  if (first.kind == OutlineKind::kBroken) return of_documents ? Wrapping::kArray : lines_of(start, is_whole);
  if (first.kind == OutlineKind::kCut || several_lines) return Wrapping::kArray;
  const Gap gap = gap_after(start, first.end);
  // One line ["text", {...}] is a document by itself: the elements of an array of documents are brackets too.
  if (gap.next == 0) return of_documents || first.elements == 0 ? Wrapping::kArray : lines_of(start, is_whole);
  if (gap.white.find('\n') != std::string_view::npos) return Wrapping::kLines;
  if (gap.white.find('\r') != std::string_view::npos) return Wrapping::kCrLines;
  return of_documents ? Wrapping::kArray : lines_of(start, is_whole);
}

}  // namespace

std::string_view wrapping_name(Wrapping wrapping) {
  switch (wrapping) {
    case Wrapping::kLines:
      return "lines";
    case Wrapping::kCrLines:
      return "lines that end with CR";
    case Wrapping::kArray:
      return "a JSON array";
    case Wrapping::kDocuments:
      return "JSON documents one after another";
    case Wrapping::kRecordSeparators:
      return "JSON documents behind record separators";
    case Wrapping::kEvents:
      return "server-sent events";
    case Wrapping::kLabelledLines:
      return "lines with labels";
    case Wrapping::kTable:
      return "a table";
  }
  return "";
}

Wrapping wrapping_of(std::string_view start, bool is_whole) {
  const std::size_t first = start.find_first_not_of(kJsonWhite);
  if (first == std::string_view::npos) return lines_of(start, is_whole);
  switch (start[first]) {
    case '\x1e':
      return Wrapping::kRecordSeparators;
    case '{':
      return of_object(start, is_whole);
    case '[':
      return of_array(start, is_whole);
    case '_':
      if (start.substr(first).starts_with(kLineLabel)) return Wrapping::kLabelledLines;
      return lines_of(start, is_whole);
    default:
      return is_events(start.substr(first)) ? Wrapping::kEvents : lines_of(start, is_whole);
  }
}

}  // namespace noggin::data
