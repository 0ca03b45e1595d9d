// Rows held in memory as flat arrays: what shards store and training reads.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/rows/record.h"
#include "spec/tag_scheme.h"

namespace noggin::data {

// Targets of the tokens of one row, for tag and edit: entries of special tokens and of continuation pieces are
// unused (-1). Empty vectors: no token has a target.
struct TokenTargets {
  std::vector<std::int32_t> label{};            // [T]
  std::vector<std::int32_t> teacher_classes{};  // [T, K], most probable first
  std::vector<float> teacher_probabilities{};   // [T, K]
};

// Rows held in memory as flat arrays. A view of row i costs nothing. An *entry* is the unit that a label belongs to: a
// row, or for tag and edit a token (E = rows or tokens).
struct ExampleTable {
  spec::TaskKind task = spec::TaskKind::kSingleLabel;
  std::uint32_t classes = 0;  // C
  std::uint32_t top_k = 0;    // K
  std::uint64_t vocabulary_hash = 0;
  float gold_threshold = 0.5F;  // score: gold of at least this is positive
  std::vector<std::uint64_t> token_offsets{0}, text_offsets{0}, id_offsets{0};
  std::vector<std::uint32_t> token_ids;
  std::string text, id;
  std::vector<std::uint64_t> key;
  std::vector<std::int32_t> label;            // [E] -1: none. multi_label, score: 0 where the row has gold values
  std::vector<std::int32_t> teacher_classes;  // [E, K]
  std::vector<float> teacher_probabilities;   // [E, K]
  // multi_label, score (else empty).
  std::vector<float> gold_values;  // [N, C]
  // tag, edit (else empty). Spans may be beyond the last token of a row that was cut.
  std::vector<char> gold_rows;  // [N] 1: the row's gold spans are known
  std::vector<std::uint64_t> span_offsets{0};
  std::vector<std::uint32_t> span_begin, span_end, span_type;  // bytes of the text; index into TagScheme::types
  // edit (else empty). A row may have a target and no spans: a target that no deletion gives can still be measured.
  std::vector<std::uint64_t> target_offsets{0};
  std::string target;

  std::size_t rows() const { return key.size(); }
  std::size_t bytes() const;  // of all arrays
  bool per_token() const { return spec::traits_of(task).per_token(); }
  bool has_values() const { return spec::traits_of(task).activation == spec::Activation::kSigmoid; }
  std::span<const std::uint32_t> tokens_of(std::size_t row) const;
  std::string_view text_of(std::size_t row) const;
  std::string_view id_of(std::size_t row) const;
  std::span<const std::int32_t> label_of(std::size_t row) const;            // [1], or [T of the row]
  std::span<const std::int32_t> teacher_classes_of(std::size_t row) const;  // [1 or T, K]
  std::span<const float> teacher_probabilities_of(std::size_t row) const;   // [1 or T, K]
  std::span<const float> gold_values_of(std::size_t row) const;             // [C], or nothing without gold
  bool gold_yes(std::size_t row) const;  // score, only for rows with gold: is it positive?
  std::vector<TypedSpan> spans_of(std::size_t row) const;
  std::string_view target_of(std::size_t row) const;  // "" when the row has none
  bool has_gold(std::size_t row) const;               // a label, gold values, known spans; a target alone is not enough
  bool has_teacher(std::size_t row) const;            // for any of its entries
  // Appends one record; its teacher is cut to the top_k most probable classes. targets: those of the tokens (align.h).
  void append(const Record& record, std::span<const std::uint32_t> tokens, const TokenTargets& targets = {});
  // Makes room for `times` as many rows as there are, if they are like these. Memory that rows do not use is not
  // touched.
  void reserve_for(double times);
  // Removes all rows and keeps their memory for others.
  void clear();
};

}  // namespace noggin::data
