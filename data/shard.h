// Checked HDF5 shards: what ingest writes and training reads. Layout (libver latest, contiguous, XXH3-64 per dataset in
// the attribute "xxh3", the whole file sealed by a hash in its user block, hdf5_file.h):
//   /token_offsets [N+1] uint64   /token_ids [sum] uint32     row i is ids[offsets[i] .. offsets[i+1]), specials
//   included /text_offsets  [N+1] uint64   /text [sum] uint8           UTF-8, not terminated /id_offsets    [N+1]
//   uint64   /id   [sum] uint8 /label [N] int32 (-1: none)   /key [N] uint64 (content_key) /teacher_classes [N, K]
//   int32 (-1: unused)   /teacher_probabilities [N, K] float attributes on /: "noggin_shard" version, "classes" C,
//   "vocabulary_hash", "rows"
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/record.h"
#include "noggin/result.h"

namespace noggin::data {

// Rows held in memory as flat arrays. A view of row i costs nothing.
struct RowBlock {
  std::uint32_t classes = 0;  // C
  std::uint32_t top_k = 0;    // K
  std::uint64_t vocabulary_hash = 0;
  std::vector<std::uint64_t> token_offsets{0}, text_offsets{0}, id_offsets{0};
  std::vector<std::uint32_t> token_ids;
  std::string text, id;
  std::vector<std::int32_t> label;
  std::vector<std::uint64_t> key;
  std::vector<std::int32_t> teacher_classes;  // [N, K]
  std::vector<float> teacher_probabilities;   // [N, K]

  std::size_t rows() const { return label.size(); }
  std::span<const std::uint32_t> tokens_of(std::size_t row) const;
  std::string_view text_of(std::size_t row) const;
  std::string_view id_of(std::size_t row) const;
  std::span<const std::int32_t> teacher_classes_of(std::size_t row) const;
  std::span<const float> teacher_probabilities_of(std::size_t row) const;
  bool has_teacher(std::size_t row) const;
  // Appends one record; its teacher is cut to the top_k most probable classes.
  void append(const Record& record, std::span<const std::uint32_t> tokens);
};

// Writes rows into numbered files "<prefix>-00000.h5", ... of at most rows_per_shard rows, each complete or absent.
class ShardWriter {
 public:
  static Result<ShardWriter> create(const std::string& prefix, std::uint32_t classes, std::uint32_t top_k,
                                    std::uint64_t vocabulary_hash, std::uint64_t rows_per_shard = 1 << 20);
  ShardWriter(ShardWriter&&) noexcept;
  ShardWriter& operator=(ShardWriter&&) noexcept;
  ~ShardWriter();
  Status append(const Record& record, std::span<const std::uint32_t> tokens);
  Result<std::vector<std::string>> finish();  // flushes the last shard; the paths written, in order

 private:
  struct State;
  explicit ShardWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Reads one shard whole, after checking its version, shapes, offsets, ranges and every hash.
Result<RowBlock> read_shard(const std::string& path);
// Several shards as one block: for sets that fit memory (dev, test, small training sets).
Result<RowBlock> read_shards(const std::vector<std::string>& paths);
// "<prefix>-00000.h5", ... that exist, in order.
std::vector<std::string> list_shards(const std::string& prefix);

}  // namespace noggin::data
