// Comma-separated and tab-separated values as RFC 4180 has them: a quoted value may hold separators, line ends and
// doubled quotes. Beyond the RFC:
//   - A value is quoted only if its closing quote ends it. `"so" she said` is those characters.
//   - Many tools write tab-separated values without quoting. There, a value that would hold a tab and a line end is not
//     quoted, so a quotation mark at the start of a value does not swallow lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace noggin::data {

// The separator of a table whose header this is: the most frequent of tab, comma, semicolon and bar outside quotes.
char separator_of(std::string_view header);

// Whether a text that begins like this is a table: its first record has two or more values, each once, and the
// records that follow have as many. JSON is none. is_whole: `start` is all of the text.
bool is_table(std::string_view start, bool is_whole);

// How many columns a table has whose first record is a row and no header; 0 if it is a header. It is a row if one of
// its values stands in the same column of two records that follow, as a class does sooner or later.
std::size_t columns_without_header(std::string_view start, char separator, char line_end, bool is_whole);

// Finds where a record ends; a scanner for each record.
class CsvScanner {
 public:
  enum class Stop {
    kMore,      // the text ends first
    kRecord,    // `at` is the record's line end, or the end of a whole text
    kUnclosed,  // the text is whole, and the quote at `at` is never closed
  };
  struct Found {
    Stop stop = Stop::kMore;
    std::size_t at = 0;
  };

  CsvScanner(char separator, char line_end) : separator_(separator), line_end_(line_end) {}

  // text begins with the record and is the same as in the call before, or longer. is_whole: nothing follows it.
  Found scan(std::string_view text, bool is_whole);
  // Whether the record's end is looked for inside quotes.
  bool in_quotes() const { return in_quotes_; }
  std::size_t value() const { return value_; }  // where the value begins that is being scanned
  // What was scanned of the record is taken from the start of the text, outside quotes.
  void drop() {
    value_ = std::string_view::npos;
    at_ = 0;
  }

 private:
  char separator_, line_end_;
  std::size_t value_ = 0, at_ = 0;  // where the value begins, and where to go on
  bool in_quotes_ = false;
};

// The values of a record without its line end, in order. They are views into it, where quotes have to be undone into
// `scratch`.
void split_record(std::string_view record, char separator, std::vector<std::string_view>& values, std::string& scratch);

// Appends the text as it stands between the quotes of a JSON string.
void append_escaped(std::string_view text, std::string& json);

// {"name": "value", ...}; all values are strings. names and values are equally many.
void write_json_object(const std::vector<std::string>& names, const std::vector<std::string_view>& values,
                       std::string& json);

}  // namespace noggin::data
