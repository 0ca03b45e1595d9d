// Where something is in a text, and what it is.
#pragma once

#include <cstddef>
#include <cstdint>

namespace noggin {

// Bytes begin .. end - 1 of the original text; begin == end for what has no position in it.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const TextSpan&) const = default;
};

// What a tagger found. The spans of one answer are in order, not empty, and never overlap. A span ends behind what is
// drawn into its last character: combining marks, joiners, variation selectors and other invisible characters.
struct TaggedSpan {
  TextSpan place;
  std::uint32_t type;  // index into Model::span_types()
  float probability;   // the lowest of its words' (each the softmax of its logits at its class); found by a check: 1
  bool operator==(const TaggedSpan&) const = default;
};

}  // namespace noggin
