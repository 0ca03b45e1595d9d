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
//   tag, edit:            /has_gold [N] uint8   /span_offsets [N+1] uint64
//                         /span_begin, /span_end, /span_type [sum] uint32
//   edit:                 /target_offsets [N+1] uint64   /target [sum] uint8
// A shard of version 1 is read as single_label: for that task version 2 added only "task".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/rows/record.h"
#include "data/shards/example_table.h"
#include "noggin/result.h"
#include "spec/task.h"

namespace noggin::data {

// Writes rows into numbered files "<prefix>-00000.h5", ..., each complete or absent. A file ends with the row that
// brings it to rows_per_shard entries (rows, or tokens for tag and edit), or its arrays to kMostBytes: memory stays
// bounded for every task, and for long texts.
class ShardWriter {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20;
  static Result<ShardWriter> create(const std::string& prefix, std::uint32_t classes, std::uint32_t top_k,
                                    std::uint64_t vocabulary_hash, std::uint64_t rows_per_shard = 1 << 20,
                                    spec::TaskKind task = spec::TaskKind::kSingleLabel, float gold_threshold = 0.5F);
  ShardWriter(ShardWriter&&) noexcept;
  ShardWriter& operator=(ShardWriter&&) noexcept;
  ~ShardWriter();
  Status append(const Record& record, std::span<const std::uint32_t> tokens, const TokenTargets& targets = {});
  Result<std::vector<std::string>> finish();                 // flushes the last shard; the paths written, in order
  const std::vector<std::uint64_t>& rows_of_shards() const;  // rows in each, after finish()

 private:
  struct State;
  explicit ShardWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Writes one shard, or replaces it: complete, or as it was before.
Status write_shard(const ExampleTable& block, const std::string& path);
// Reads one whole shard and checks its version, shapes, offsets, ranges and every hash.
Result<ExampleTable> read_shard(const std::string& path);
// Several shards as one block: for sets that fit in memory (dev, test, small training sets).
Result<ExampleTable> read_shards(const std::vector<std::string>& paths);
// The existing files "<prefix>-00000.h5", ..., in order.
std::vector<std::string> list_shards(const std::string& prefix);

}  // namespace noggin::data
