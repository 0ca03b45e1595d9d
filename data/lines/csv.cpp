#include "data/lines/csv.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace noggin::data {
namespace {

// The quote that closes a value whose inside begins at `at`: the first that is not doubled. npos if there is none.
// `at` becomes where to go on when the text is longer.
std::size_t closing_quote(std::string_view text, std::size_t& at) {
  while (true) {
    const std::size_t quote = text.find('"', at);
    at = std::min(quote, text.size());
    if (quote == std::string_view::npos || quote + 1 >= text.size() || text[quote + 1] != '"') return quote;
    at = quote + 2;
  }
}

bool ends_value(char c, char separator) { return c == separator || c == '\n' || c == '\r'; }

// Takes the next record from the start of a text, and splits it. What stops it, a record or something else.
CsvScanner::Stop take_record(std::string_view& text, char separator, char line_end, bool is_whole,
                             std::vector<std::string_view>& values, std::string& unquoted) {
  const auto found = CsvScanner(separator, line_end).scan(text, is_whole);
  if (found.stop != CsvScanner::Stop::kRecord) return found.stop;
  std::string_view record = text.substr(0, found.at);
  if (line_end == '\n' && record.ends_with('\r')) record.remove_suffix(1);
  split_record(record, separator, values, unquoted);
  text.remove_prefix(std::min(found.at + 1, text.size()));
  return found.stop;
}

// Whether a value of a table without quoting rather begins with a quotation mark.
bool is_unquoted_line(std::string_view value, char separator) {
  return separator == '\t' && value.find('\t') != std::string_view::npos &&
         value.find_first_of("\r\n") != std::string_view::npos;
}

}  // namespace

void append_escaped(std::string_view text, std::string& json) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += "\\u00";
      json += kDigits[static_cast<unsigned char>(c) >> 4U];
      json += kDigits[static_cast<unsigned char>(c) & 0xfU];
    } else {
      json += c;
    }
  }
}

char separator_of(std::string_view header) {
  constexpr std::string_view kSeparators = "\t,;|";
  std::size_t counts[kSeparators.size()] = {};
  bool in_quotes = false;
  for (const char c : header) {
    in_quotes ^= c == '"';
    if (const std::size_t which = kSeparators.find(c); !in_quotes && which != std::string_view::npos) ++counts[which];
  }
  const auto most = std::max_element(std::begin(counts), std::end(counts));
  return *most == 0 ? ',' : kSeparators[static_cast<std::size_t>(most - std::begin(counts))];
}

CsvScanner::Found CsvScanner::scan(std::string_view text, bool is_whole) {
  while (true) {
    if (in_quotes_) {
      const std::size_t quote = closing_quote(text, at_);
      const std::string_view inside = text.substr(value_ + 1, std::min(quote, text.size()) - value_ - 1);
      const bool found = quote != std::string_view::npos;
      const bool known = found && (quote + 1 < text.size() || is_whole);
      const bool closed = known && (quote + 1 == text.size() || ends_value(text[quote + 1], separator_));
      if ((known && !closed) || is_unquoted_line(inside, separator_)) {
        in_quotes_ = false;  // an unquoted value that begins with a quotation mark
        at_ = value_ + 1;
      } else if (closed) {
        in_quotes_ = false;
        at_ = quote + 1;
      } else {
        return is_whole ? Found{Stop::kUnclosed, value_} : Found{Stop::kMore, text.size()};
      }
    }
    // An unquoted value, or what follows a quoted one.
    while (at_ < text.size() && text[at_] != separator_ && text[at_] != line_end_) {
      if (at_ == value_ && text[at_] == '"') break;
      ++at_;
    }
    if (at_ >= text.size()) return is_whole ? Found{Stop::kRecord, text.size()} : Found{Stop::kMore, text.size()};
    if (text[at_] == line_end_) return {Stop::kRecord, at_};
    in_quotes_ = text[at_] == '"';
    ++at_;
    if (!in_quotes_) value_ = at_;
  }
}

void split_record(std::string_view record, char separator, std::vector<std::string_view>& values,
                  std::string& scratch) {
  values.clear();
  scratch.clear();
  scratch.reserve(record.size());  // so that views into it stay
  for (std::size_t begin = 0; true;) {
    std::size_t end = std::string_view::npos, inside = begin + 1;
    if (begin < record.size() && record[begin] == '"') {
      end = closing_quote(record, inside);
      const bool closed = end != std::string_view::npos && (end + 1 == record.size() || record[end + 1] == separator) &&
                          !is_unquoted_line(record.substr(begin + 1, end - begin - 1), separator);
      if (!closed) end = std::string_view::npos;
    }
    if (end != std::string_view::npos) {
      std::string_view value = record.substr(begin + 1, end - begin - 1);
      if (value.find('"') != std::string_view::npos) {
        const std::size_t start = scratch.size();
        for (std::size_t i = 0; i < value.size(); i += value[i] == '"' ? 2 : 1) scratch += value[i];
        value = std::string_view(scratch).substr(start);
      }
      values.push_back(value);
      begin = end + 1;
    } else {
      end = std::min(record.find(separator, begin), record.size());
      values.push_back(record.substr(begin, end - begin));
      begin = end;
    }
    if (begin >= record.size()) return;
    ++begin;  // the separator
  }
}

bool is_table(std::string_view start, bool is_whole) {
  constexpr int kRecordsLookedAt = 20;
  constexpr std::size_t kLongestName = 200;
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || start[first] == '{' || start[first] == '[') return false;
  const char line_end = start.find('\n') == std::string_view::npos ? '\r' : '\n';
  const auto header_end = CsvScanner(',', line_end).scan(start, is_whole);
  if (header_end.stop != CsvScanner::Stop::kRecord) return false;
  const char separator = separator_of(start.substr(0, header_end.at));
  std::vector<std::string_view> names, values;
  std::string unquoted;
  for (int records = 0; records < kRecordsLookedAt; ++records) {
    const CsvScanner::Stop stop = take_record(start, separator, line_end, is_whole, values, unquoted);
    if (stop == CsvScanner::Stop::kMore && records > 1) return true;
    if (stop != CsvScanner::Stop::kRecord) return false;
    if (records == 0) {
      for (const std::string_view name : values) {
        const bool repeated = !name.empty() && std::count(values.begin(), values.end(), name) > 1;
        if (repeated || name.size() > kLongestName) return false;
      }
      names = values;
    }
    if (names.size() < 2 || values.size() != names.size()) return false;
    if (start.find_first_not_of("\r\n") == std::string_view::npos) return records > 0;
  }
  return true;
}

std::size_t columns_without_header(std::string_view start, char separator, char line_end, bool is_whole) {
  constexpr int kRecordsLookedAt = 1000;
  std::vector<std::string> first;
  std::vector<int> repeats;
  std::vector<std::string_view> values;
  std::string unquoted;
  for (int records = 0; records < kRecordsLookedAt && !start.empty(); ++records) {
    if (take_record(start, separator, line_end, is_whole, values, unquoted) != CsvScanner::Stop::kRecord) break;
    for (std::size_t i = 0; records > 0 && i < std::min(first.size(), values.size()); ++i)
      if (!first[i].empty() && values[i] == first[i] && ++repeats[i] == 2) return first.size();
    if (records == 0) first.assign(values.begin(), values.end());
    repeats.resize(first.size());
  }
  return 0;
}

void write_json_object(const std::vector<std::string>& names, const std::vector<std::string_view>& values,
                       std::string& json) {
  json = "{";
  for (std::size_t i = 0; i < names.size(); ++i) {
    json += i == 0 ? "\"" : ",\"";
    append_escaped(names[i], json);
    json += "\":\"";
    append_escaped(values[i], json);
    json += '"';
  }
  json += '}';
}

}  // namespace noggin::data
