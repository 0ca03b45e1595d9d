// Which answer of a response belongs to which question of its request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/json/json_row.h"
#include "data/rows/rejection.h"

namespace noggin::data {

// By name. Answers without one: those of a list as long as the questions, by position. A map may name them by position
// ("0", "1", ...), as gateways do unless all questions have names.
class AnswerFinder {
 public:
  // `answers`: the object or array of a response. `asked`: the names of the questions, in the order asked.
  AnswerFinder(JsonValue answers, std::vector<std::string> asked);
  AnswerFinder(const AnswerFinder&) = delete;  // holds views into itself

  // Nothing if there is none; kRepeatedField if several claim to be it.
  Checked<std::optional<JsonValue>> find(std::size_t position) const;
  // How many answers belong to no question.
  std::uint32_t unasked() const;

 private:
  std::vector<JsonValue> named(std::string_view name) const;
  bool is_position(std::string_view name) const;

  std::vector<std::string> asked_;
  std::vector<std::pair<std::string_view, JsonValue>> answers_{};  // by name, ascending; views into asked_ or the row
  bool is_list_ = false;
};

}  // namespace noggin::data
