// Makes one part file.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "data/logs/log_reader.h"
#include "data/rows/row_schema.h"
#include "noggin/result.h"

namespace noggin::data {

// What the readers of all threads share.
struct PartReaders {
  std::atomic<std::uint64_t> documents = 0;
  std::atomic<bool> stopped = false;
};

struct PartJob {
  LogUnit unit;
  const RowSchema* schema;
  std::uint64_t key;
  std::vector<std::uint64_t> hashes;  // of the bytes that it reads: of the unit's files, or of the piece
  std::string path;                   // of the part

  // kIo too for a file that is another by now. Makes no file, and is_hopeless, if the first kHopelessDocuments hold
  // nothing usable; of a piece only the first of its file is judged so.
  Status run(const IngestOptions& options, PartReaders& readers);
  bool is_hopeless = false;
};

}  // namespace noggin::data
