// The fields of rows of our own kind, under whatever names, with the values they were seen with: which of them is the
// text, and which the class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "data/guess/class_guess.h"
#include "data/json/json_row.h"

namespace noggin::data {

class OwnFields {
 public:
  void add(std::string_view name, JsonValue value);

  bool empty() const { return fields_.empty(); }
  bool has(std::string_view name) const { return fields_.contains(name); }
  bool has_arrays(std::string_view name) const;
  bool has_numbers(std::string_view name) const;
  // A list of spans; "label" is one in some tools, and a name in most.
  bool has_spans() const;
  bool has_usual_text() const;
  bool has_usual_distribution() const;
  // Fields of the usual names that say what was answered.
  bool has_usual_answer() const;
  bool has_usual_classes() const;  // the same, of classes, but for one called "target"

  // The first of the usual names that the rows have as strings; else the string that is longest on average; "".
  std::string text() const;
  // `asked`, if a column is named so; the first of the usual names; else the field with the fewest values that are
  // shared by many rows; "".
  std::string label(const std::string& text, const std::string& asked) const;
  const WordCounts& values_of(const std::string& name) const { return fields_.at(name).values; }

  // " with the fields a, b, c", for messages.
  std::string described() const;

 private:
  struct Facts {
    std::uint64_t strings = 0, numbers = 0, arrays = 0, bytes = 0;
    WordCounts values{};  // strings and numbers, as long as they are few
    bool many_values = false;
  };
  const Facts* find(std::string_view name) const;
  bool has_classes(std::string_view name) const;

  std::map<std::string, Facts, std::less<>> fields_;
};

// Where rows have spans.
bool is_name_of_spans(std::string_view name);

}  // namespace noggin::data
