// What an adapter reports to its reader: one call for each line of a log.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/rows/record.h"
#include "data/rows/rejection.h"
#include "noggin/result.h"

namespace noggin::data {

// What was changed in a row while reading it.
struct RowNotes {
  std::uint32_t unmapped_words = 0;
  bool renormalized = false;
  std::uint32_t normalized_tags = 0;  // I-x that followed no x, read as B-x
};

class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual Status accept(Record&& record, const RowNotes& notes) = 0;
  virtual Status reject(const std::string& file, std::uint64_t line, const Rejection& rejection,
                        std::string_view content) = 0;
  virtual void superseded() = 0;  // another row of the same request counts
  virtual void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) = 0;
};

}  // namespace noggin::data
