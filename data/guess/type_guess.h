// Which types of spans rows, tags and answers name, wherever a tool puts them; and the choices of a class that tools
// for tagging keep beside them.
#pragma once

#include <cstdint>
#include <string_view>

#include "data/answers/logged_answer.h"
#include "data/guess/class_guess.h"
#include "data/json/json_row.h"

namespace noggin::data {

class TypeGuess {
 public:
  // A list of spans or tags: "type" or "label" of an object, the third of [start, end, type], a tag "B-type".
  void look_at(JsonValue value) { look_at(value, 0); }
  // Whether a line of text is "Bern NNP I-NP B-LOC": columns whose last is a tag.
  bool look_at_line(std::string_view line);
  // Whether an answer lists spans; then their types are counted.
  bool look_at_answer(const LoggedAnswer& answer);
  void add(std::string_view type);
  void add(const WordCounts& types);  // counted elsewhere

  const WordCounts& types() const { return types_; }
  const WordCounts& choices() const { return choices_; }
  // How often either was named so far.
  std::uint64_t types_seen() const { return types_seen_; }
  std::uint64_t choices_seen() const { return choices_seen_; }

 private:
  void look_at(JsonValue value, int depth);
  void look_at_object(JsonValue value, int depth);
  void add_tag(std::string_view tag);
  void add_choice(std::string_view name);

  JsonRow json_;
  WordCounts types_, choices_;
  std::uint64_t types_seen_ = 0, choices_seen_ = 0;
};

}  // namespace noggin::data
