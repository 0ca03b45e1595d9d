// Where a tagger errs, by span type: missed, spurious, found with another type, found with other borders.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/rows/record.h"
#include "export/report/confusion.h"

namespace noggin::exporter {

using data::TypedSpan;

struct TaggedText {
  std::string_view id;
  std::span<const TypedSpan> gold, found;  // each without overlaps, in any order
};

// Every gold span is right, of wrong type (same borders, another type), of wrong borders (overlap, same type) or
// missed.
// Every found span is one of the first three or spurious. A gold span is matched with at most one found span, by kind
// in this order, from left to right. An overlap where both type and borders differ is a missed and a spurious span.
struct TypeErrors {
  std::string type;
  std::uint64_t gold = 0, found = 0, right = 0;
  std::uint64_t wrong_type = 0;  // of this gold type
  std::uint64_t wrong_borders = 0, missed = 0;
  std::uint64_t spurious = 0;  // of this found type
};

struct TagErrors {
  std::uint64_t texts = 0, wrong_texts = 0;  // wrong: any span that is not right
  TypeErrors total;
  std::vector<TypeErrors> types;           // in the order of their names
  std::vector<ConfusionPair> wrong_types;  // counts spans; by descending count, then by the order of types
};

// types: the type names; every span's type must be less than their number.
TagErrors tag_errors(std::span<const TaggedText> texts, std::span<const std::string> types);

std::string to_text(const TagErrors& errors);
nlohmann::ordered_json to_json(const TagErrors& errors);

}  // namespace noggin::exporter
