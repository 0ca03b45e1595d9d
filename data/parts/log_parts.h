// Reads the units of a log once, each into its part file (part_file.h), in several threads. A large file of lines is
// cut into pieces, each with a part of its own. What is there already is not read again: so a killed ingest goes on
// with the parts that it had not finished, and a log that grows costs only what is new.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/logs/log_reader.h"
#include "data/logs/log_sink.h"
#include "data/logs/source.h"
#include "data/rows/row_schema.h"
#include "noggin/result.h"

namespace noggin::data {

inline constexpr std::uint64_t kPieceBytes = std::uint64_t{64} << 20;

struct LogPartsOptions {
  std::string folder{};  // of the part files; made if it is absent
  unsigned threads = 1;
  // XXH3-64 of a file's bytes; empty: the file is read for it.
  std::function<Result<std::uint64_t>(const std::string& path)> hash_of{};
  // Called some times a second, in the calling thread, with the documents read so far; false stops (kIo). May be empty.
  std::function<bool(std::uint64_t documents)> progress{};
  std::uint64_t piece_bytes = kPieceBytes;  // files of lines that are larger are cut (line_pieces.h)
};

class LogParts {
 public:
  // `options` must outlive this object.
  LogParts(LogPartsOptions parts, const IngestOptions& options) : parts_(std::move(parts)), options_(options) {}

  struct Wanted {
    LogUnit unit;  // without a piece
    const RowSchema* schema;
  };
  // Once. Makes what is missing. A unit that holds nothing usable for long (kHopelessDocuments, log_reader.h) gets no
  // part: replay() then reads it directly, so that its reader decides. Of several errors the first unit's is returned.
  Status make(const std::vector<Wanted>& units);
  // Tells the sink what the unit holds, in the order of its documents, as its reader would.
  Status replay(const LogUnit& unit, const RowSchema& schema, LogSink& sink) const;
  // Removes what no unit of make() needs.
  void remove_others() const;

  // Of make(): different ones, and those that it had to read, if only a piece of them.
  std::uint64_t units() const { return units_.size(); }
  std::uint64_t read_units() const { return read_units_; }
  // The same of their parts.
  std::uint64_t parts() const;
  std::uint64_t read_parts() const { return read_parts_; }

 private:
  using Key = std::uint64_t;
  struct Part {
    Key key = 0;
    std::optional<LinePiece> piece{};
  };
  struct Unit {
    std::vector<std::uint64_t> hashes{};  // of its files
    std::vector<Part> parts{};            // one, or one for each piece
    std::uint64_t bytes = 0;              // of a file in pieces
    std::string memory{};                 // of its pieces (file_pieces.h)
  };
  Result<std::uint64_t> hash_of(const LogUnit& unit, const std::string& file) const;
  Result<Unit> unit_of(const Wanted& wanted) const;
  Key key_of(const LogUnit& unit, const RowSchema& schema, const std::vector<std::uint64_t>& hashes) const;
  std::string path_of(Key key) const;
  std::string name_of(const LogUnit& unit, const RowSchema& schema) const;
  Status replay_pieces(const LogUnit& unit, const Unit& known, const RowSchema& schema, LogSink& sink) const;

  LogPartsOptions parts_;
  const IngestOptions& options_;
  std::map<std::string, Unit> units_;  // by name_of()
  std::uint64_t read_units_ = 0, read_parts_ = 0;
};

}  // namespace noggin::data
