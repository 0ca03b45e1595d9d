// Checked HDF5 shards: what ingest writes and training reads. Layout, version 2 (libver latest, contiguous, XXH3-64 per
// dataset in the attribute "xxh3", the whole file sealed by a hash in its user block, hdf5_file.h):
//   attributes on /: "noggin_shard" version, "task" spec::TaskKind, "classes" C, "vocabulary_hash", "rows" N;
//                    score also "gold_threshold" the bits of an f32
//   /token_offsets [N+1] uint64   /token_ids [T] uint32   row i is ids[offsets[i] .. offsets[i+1]), specials included
//   /text_offsets  [N+1] uint64   /text [sum] uint8       UTF-8, not terminated
//   /id_offsets    [N+1] uint64   /id   [sum] uint8
//   /key           [N] uint64                             content_key of the text
//   /label [E] int32 (-1: none)   /teacher_classes [E, K] int32 (-1: unused)   /teacher_probabilities [E, K] float
//                                                         E = T for tag and edit, else N
//   multi_label, score:   /gold_values [N, C] float       rows without gold: zeros
//   tag, edit:            /has_gold [N] uint8   /span_offsets [N+1] uint64   /span_begin, /span_end, /span_type [sum] uint32
//   edit:                 /target_offsets [N+1] uint64   /target [sum] uint8
// A shard of version 1 is read as single_label: for that task version 2 added only "task".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/record.h"
#include "noggin/result.h"
#include "spec/task.h"

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
struct RowBlock {
  spec::TaskKind task = spec::TaskKind::kSingleLabel;
  std::uint32_t classes = 0;  // C
  std::uint32_t top_k = 0;    // K
  std::uint64_t vocabulary_hash = 0;
  float gold_threshold = 0.5F;  // score: gold of at least this is positive
  std::vector<std::uint64_t> token_offsets{0}, text_offsets{0}, id_offsets{0};
  std::vector<std::uint32_t> token_ids;
  std::string text, id;
  std::vector<std::uint64_t> key;
  std::vector<std::int32_t> label;  // [E] -1: none. multi_label, score: 0 where the row has gold values
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
  bool per_token() const { return spec::is_per_token(task); }
  bool has_values() const { return task == spec::TaskKind::kMultiLabel || task == spec::TaskKind::kScore; }
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
  bool has_gold(std::size_t row) const;     // a label, gold values, known spans; a target alone is not enough
  bool has_teacher(std::size_t row) const;  // for any of its entries
  // Appends one record; its teacher is cut to the top_k most probable classes. targets: those of the tokens (align.h).
  void append(const Record& record, std::span<const std::uint32_t> tokens, const TokenTargets& targets = {});
};

// Writes rows into numbered files "<prefix>-00000.h5", ..., each complete or absent. A file ends with the row that
// brings it to rows_per_shard entries (rows, or tokens for tag and edit), so that memory stays bounded for every task.
class ShardWriter {
 public:
  static Result<ShardWriter> create(const std::string& prefix, std::uint32_t classes, std::uint32_t top_k,
                                    std::uint64_t vocabulary_hash, std::uint64_t rows_per_shard = 1 << 20,
                                    spec::TaskKind task = spec::TaskKind::kSingleLabel,
                                    float gold_threshold = 0.5F);
  ShardWriter(ShardWriter&&) noexcept;
  ShardWriter& operator=(ShardWriter&&) noexcept;
  ~ShardWriter();
  Status append(const Record& record, std::span<const std::uint32_t> tokens, const TokenTargets& targets = {});
  Result<std::vector<std::string>> finish();  // flushes the last shard; the paths written, in order

 private:
  struct State;
  explicit ShardWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Reads one whole shard and checks its version, shapes, offsets, ranges and every hash.
Result<RowBlock> read_shard(const std::string& path);
// Several shards as one block: for sets that fit in memory (dev, test, small training sets).
Result<RowBlock> read_shards(const std::vector<std::string>& paths);
// The existing files "<prefix>-00000.h5", ..., in order.
std::vector<std::string> list_shards(const std::string& prefix);

}  // namespace noggin::data
