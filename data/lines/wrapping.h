// How the documents of a text file are told from one another, recognised by the start of the file.
#pragma once

#include <string_view>

namespace noggin::data {

enum class Wrapping {
  kLines,             // one document a line, ended by LF or CRLF: JSON lines, and every text that is none of the others
  kCrLines,           // the same, ended by CR alone
  kArray,             // the elements of one JSON array, or of several one after another
  kDocuments,         // JSON documents one after another: over several lines each, or several to a line
  kRecordSeparators,  // each after a record separator, U+001E (RFC 7464)
  kEvents,            // each in a `data:` line of server-sent events; the end mark [DONE] is none
  kLabelledLines,     // fastText's: "__label__A __label__B the text", a row a line
  kTable,             // the records of a table (csv.h); never recognised, because any text may be one
};

inline constexpr std::string_view kLineLabel = "__label__";

// For messages: "a JSON array".
std::string_view wrapping_name(Wrapping wrapping);

// `start`: the first bytes of a file, as UTF-8 without a byte order mark. is_whole: they are all of it.
//   - It begins with U+001E: kRecordSeparators.
//   - Its first line is a field of server-sent events, and one of its first is `data:`: kEvents.
//   - Its first line is one whole JSON value and more lines follow: kLines, whatever those hold.
//   - It begins with [ and a JSON value: kArray.
//   - Its first line begins with "__label__": kLabelledLines.
//   - It begins with a sound JSON object that goes on over several lines, or that another follows on its line:
//     kDocuments.
//   - Everything else, JSON or not: kCrLines if there is a CR and no LF, else kLines.
Wrapping wrapping_of(std::string_view start, bool is_whole);

}  // namespace noggin::data
