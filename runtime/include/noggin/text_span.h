// Where something lies in a text, and what it is.
#pragma once

#include <cstddef>
#include <cstdint>

namespace noggin {

// Bytes begin .. end - 1 of the original text; begin == end for what has no place in it.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const TextSpan&) const = default;
};

// What a tagger found. Spans of one answer are in order, not empty, and never overlap.
struct TaggedSpan {
  TextSpan place;
  std::uint32_t type;  // index into Model::span_types()
  float probability;   // the smallest of its words': softmax of the word's logits at the class it was given
  bool operator==(const TaggedSpan&) const = default;
};

}  // namespace noggin
