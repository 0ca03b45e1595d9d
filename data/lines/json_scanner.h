// Finds where a JSON object or array ends, 64 bytes at a time, without parsing it: what lies in strings is told from
// what does not with bit masks, as in "Parsing gigabytes of JSON per second" (Langdale and Lemire, 2019, section 3.1).
// Only the kinds of brackets are checked; whether the text is JSON is for its reader to say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace noggin::data {

class JsonScanner {
 public:
  enum class Stop {
    kMore,    // the text ends first
    kClosed,  // `at` is just behind the last bracket
    // `at` is where the text stops to be one document: a bracket that closes another kind, or, where documents are
    // pretty-printed, a line end inside a string or a new document where this one has no place for a value.
    kBroken,
  };
  struct Found {
    Stop stop = Stop::kMore;
    std::size_t at = 0;
  };

  // For a text that begins with the bracket of a document. pretty: it has line ends, but not inside strings.
  void begin(bool pretty);
  // Goes on at text[from]; what lies before has been scanned. kScanPadding readable bytes follow the text.
  Found scan(std::string_view text, std::size_t from);

 private:
  bool may_open(std::string_view text, std::size_t at) const;

  bool pretty_ = false;
  std::uint64_t in_string_ = 0;  // all ones inside a string
  bool escaped_ = false;         // the next byte follows a backslash
  std::uint64_t depth_ = 0, deepest_ = 0;
  std::uint64_t arrays_ =
      0;  // bit i: the container i levels above the innermost is an array; right while deepest_ <= 64
};

inline constexpr std::size_t kScanPadding = 64;

}  // namespace noggin::data
