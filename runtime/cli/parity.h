// Rows with the trainer's own logits, written at export: text, gold label, logits. Whoever holds a model file and this
// file can prove with the runtime alone that the shipped model is the one that was measured.
//
//   {"id": "t17", "text": "where is my card", "label": "card_arrival", "logits": [1.25, -0.5, 3.40282347e+38]}
//
// id is optional; label is a class name, or null or absent for a row without gold label; logits have nine significant
// digits, so that reading them gives the trainer's bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "noggin/result.h"

namespace noggin::cli {

struct ParityRow {
  std::string id;  // or "line 17"
  std::string text;
  std::optional<std::uint32_t> label;  // class
  std::vector<float> logits;           // [C]
};

// One line. Errors are kBadData and do not name file and line: the caller knows them.
Result<ParityRow> parse_parity_row(std::string_view line, std::span<const std::string_view> labels);

struct ParitySummary {
  std::size_t rows = 0;
  std::size_t labelled_rows = 0;
  std::size_t correct = 0;              // of labelled_rows, by this machine's logits
  std::size_t flips = 0;                // rows whose best class differs
  std::size_t differing_bits_rows = 0;  // rows with any differing bit
  float max_abs_logit_diff = 0.0F;

  bool equal() const { return rows > 0 && differing_bits_rows == 0; }
  // Adds one row; true when its best class differs.
  bool add(const ParityRow& row, std::span<const float> logits);
};

}  // namespace noggin::cli
