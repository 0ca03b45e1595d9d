// A map of 64-bit keys that are hashes, for more of them than fit in memory: the newest in a table, the others in
// sorted runs in temporary files, of which memory holds a filter (10 bits a key) and each 256th key. Runs of a size are
// merged when there are eight, so that a key that is new costs a look at few filters (a log-structured merge tree,
// O'Neil et al. 1996; blocked Bloom filters, Putze et al. 2007). Move-only; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "data/files/spill.h"
#include "data/logs/key_set.h"
#include "noggin/result.h"

namespace noggin::data {

class KeyRuns {
 public:
  struct Entry {
    std::uint64_t key, value;
  };
  static constexpr std::size_t kMostHeld = std::size_t{3} << 17;  // 6 MB; fills a table of a power of two to 3/4

  // most_held: keys in the table.
  explicit KeyRuns(std::size_t most_held = kMostHeld) : most_held_(most_held) {}

  void prefetch(std::uint64_t key) const { newest_.prefetch(key); }  // for find(), some time later
  // kOutOfSpace, kIo from the temporary files.
  Result<std::optional<std::uint64_t>> find(std::uint64_t key) const;
  Status add(std::uint64_t key, std::uint64_t value);      // a key that find() does not know
  Status replace(std::uint64_t key, std::uint64_t value);  // of one that it knows
  std::size_t size() const { return size_; }
  std::size_t runs() const { return runs_.size(); }

 private:
  static constexpr std::size_t kBlockEntries = 256, kMerged = 8;

  class Filter {
   public:
    explicit Filter(std::size_t keys);
    void add(std::uint64_t key);
    bool may_hold(std::uint64_t key) const;

   private:
    using Line = std::array<std::uint64_t, 8>;  // of the processor's cache
    std::size_t line_of(std::uint64_t key) const;
    std::vector<Line> lines_;
  };
  struct Run {
    explicit Run(std::size_t keys) : entries(keys), filter(keys) {}
    Status add(const Entry& entry);  // in the order of the keys
    Status finish_block();
    // The entries of a block; valid until `buffer` changes.
    Result<std::size_t> read_block(std::size_t block, std::vector<Entry>& entries) const;

    std::size_t entries;
    Filter filter;
    std::vector<std::uint64_t> firsts;  // the first key of each block
    std::vector<Spill::Place> blocks;
    std::vector<Entry> block;  // not yet in `blocks`
    Spill bytes{std::size_t{1} << 16};
    unsigned tier = 0;  // how often its keys were merged
  };
  // Where a key stands in a run.
  struct Found {
    const Run* run = nullptr;
    std::size_t block = 0, at = 0;
    std::uint64_t value = 0;
  };
  Result<Found> find_in_runs(std::uint64_t key) const;
  Status write_out();
  Status merge_last();

  std::size_t most_held_;
  std::size_t size_ = 0;
  KeyMap<std::uint64_t> newest_;
  std::vector<std::unique_ptr<Run>> runs_;  // the tiers never rise from one to the next
  mutable std::vector<Entry> buffer_;
};

}  // namespace noggin::data
