// Reads the units of a log once, each into its part file (part_file.h), in several threads. What is there already is
// not read again: so a killed ingest goes on with the files that it had not finished, and a log that grows by files
// costs only the new ones.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "data/logs/log_reader.h"
#include "data/logs/log_sink.h"
#include "data/logs/source.h"
#include "data/rows/row_schema.h"
#include "noggin/result.h"

namespace noggin::data {

struct LogPartsOptions {
  std::string folder{};  // of the part files; made if it is absent
  unsigned threads = 1;
  // XXH3-64 of a file's bytes; empty: the file is read for it.
  std::function<Result<std::uint64_t>(const std::string& path)> hash_of{};
  // Called some times a second, in the calling thread, with the documents read so far; false stops (kIo). May be empty.
  std::function<bool(std::uint64_t documents)> progress{};
};

class LogParts {
 public:
  // `options` must outlive this object.
  LogParts(LogPartsOptions parts, const IngestOptions& options) : parts_(std::move(parts)), options_(options) {}

  struct Wanted {
    LogUnit unit;
    const RowSchema* schema;
  };
  // Once. Makes what is missing. A unit that holds nothing usable for long (kHopelessDocuments, log_reader.h) gets no
  // part: replay() then reads it directly, so that its reader decides. Of several errors the first unit's is returned.
  Status make(const std::vector<Wanted>& units);
  // Tells the sink what the unit holds.
  Status replay(const LogUnit& unit, const RowSchema& schema, LogSink& sink) const;
  // Removes the part files that no unit of make() needs.
  void remove_others() const;

  // Of make(): different ones, and those that it had to read.
  std::uint64_t units() const { return keys_.size(); }
  std::uint64_t read_units() const { return read_units_; }

 private:
  using Key = std::uint64_t;
  // hashes: of its files, appended.
  Result<Key> key_of(const LogUnit& unit, const RowSchema& schema, std::vector<std::uint64_t>& hashes) const;
  std::string path_of(Key key) const;
  std::string name_of(const LogUnit& unit, const RowSchema& schema) const;

  LogPartsOptions parts_;
  const IngestOptions& options_;
  std::map<std::string, Key> keys_;  // by name_of()
  std::uint64_t read_units_ = 0;
};

}  // namespace noggin::data
