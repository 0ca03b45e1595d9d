// A part file: what one unit of a log holds (log_sink.h), read and judged, so that the log need not be read again. A
// file is whole or absent; its name is its key, which tells what was read and how (log_parts.h).
//   "NOGGPART", u32 kLogEventsVersion, u64 key; events (log_events.h), each behind its length as u32;
//   u32 0, u64 hash of everything before it (XXH3-64)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bytes/atomic_file.h"
#include "bytes/content_hash.h"
#include "data/logs/log_sink.h"
#include "noggin/result.h"

namespace noggin::data {

class PartWriter {
 public:
  static Result<PartWriter> create(const std::string& path, std::uint64_t key);
  Status add(std::string_view event);
  Status finish();  // the file appears

 private:
  explicit PartWriter(AtomicFile file) : file_(std::move(file)) {}
  Status write_out();

  AtomicFile file_;
  ContentHasher hasher_;
  std::string bytes_;  // not yet written
};

// Whether the file is a whole part with this key. Reads it once.
bool is_whole_part(const std::string& path, std::uint64_t key);
// Tells the sink what the part holds. kIo, kCorrupt, and what the sink returns.
Status replay_part(const std::string& path, LogSink& sink);

}  // namespace noggin::data
