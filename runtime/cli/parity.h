// Rows with the trainer's own logits, written at export: text, gold label, logits. With a model file and this file, the
// runtime alone can prove that the shipped model is the one that was measured.
//
// The first line binds the file to its model (Model::content_hash()) and its rows, whose lines, each with LF, have the
// given XXH3-64. Files of earlier versions lack it:
//
//   {"parity": 1, "model_content_hash": "90a1...", "rows": 1200, "rows_xxh3": "17c0..."}
//
// For tag and edit tasks the logits are those of all tokens, token by token, and there is no label.
//
//   {"id": "t17", "text": "where is my card", "label": "card_arrival", "logits": [1.25, -0.5, 3.40282347e+38]}
//
// id is optional; label is a class name, or null or absent for a row without gold label; logits have nine significant
// digits, so that reading them gives the trainer's bits. A row of a model with many classes has, in their place, its
// token ids (optional) and the hash of the logits (bytes/float_hash.h) as 16 hexadecimal digits; it shows whether any
// bit differs, not by how much and not whether the answer does:
//
//   {"id": "t17", "text": "where is my card", "label": null, "token_ids": [2, 31, 9, 3], "logits_xxh3": "90a1..."}
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/decision.h"
#include "noggin/result.h"

namespace noggin::run_tool {

struct ParityHeader {
  std::uint64_t model_content_hash = 0, rows_hash = 0;
  std::uint64_t rows = 0;
};

// The first line; none if it is a row. Errors are kBadData, or kUnsupported for a header of a later version.
Result<std::optional<ParityHeader>> parse_parity_header(std::string_view line);

struct ParityRow {
  std::string id;  // or "line 17"
  std::string text;
  std::optional<std::uint32_t> label;                     // class
  std::vector<float> logits;                              // [R, C]: R = 1, or the tokens of the text for tag and edit
  std::optional<std::uint64_t> logits_hash{};             // of a row without logits
  std::optional<std::vector<std::uint32_t>> token_ids{};  // of the text, if the file names them

  // True when this machine's logits have the bits of the trainer's.
  bool same_bits(std::span<const float> found) const;
};

// One line. Errors are kBadData and do not name file and line: the caller knows them.
Result<ParityRow> parse_parity_row(std::string_view line, std::span<const std::string_view> labels, TaskKind task);

struct ParitySummary {
  ParitySummary(const format::Decision& of_model, std::size_t class_count) : decision(of_model), classes(class_count) {}

  format::Decision decision;
  std::size_t classes;
  std::size_t rows = 0;
  std::size_t labelled_rows = 0;
  std::size_t correct = 0;              // of labelled_rows, by this machine's logits
  std::size_t prediction_changes = 0;   // rows whose answer differs: the class, a positive class, or abstaining
  std::size_t differing_bits_rows = 0;  // rows with any differing bit
  std::size_t hashed_rows = 0;        // rows without logits: not among prediction_changes, nor in the difference below
  std::size_t other_tokens_rows = 0;  // rows whose text is cut into other tokens, if the file has token ids
  float max_abs_logit_diff = 0.0F;

  bool equal() const { return rows > 0 && differing_bits_rows == 0 && other_tokens_rows == 0; }
  // Adds one row; true if its answer differs. For tag and edit: if the best class of a token differs. False for a row
  // without logits, whose answer is not known.
  bool add(const ParityRow& row, std::span<const float> logits);
  // Call it for each row before add(), with this machine's token ids.
  void add_tokens(const ParityRow& row, std::span<const std::uint32_t> token_ids);
};

}  // namespace noggin::run_tool
