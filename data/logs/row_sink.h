// What an adapter reports to its reader: one call for each line of a log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bytes/text_unit.h"
#include "data/rows/record.h"
#include "data/rows/rejection.h"
#include "noggin/result.h"

namespace noggin::data {

// How a row was read, and what was changed in it.
struct RowNotes {
  std::uint32_t unmapped_words = 0;
  bool renormalized = false;
  std::uint32_t normalized_tags = 0;     // I-x that followed no x, read as B-x
  bool numbered_classes = false;         // classes were given as places in data.labels
  std::optional<TextUnit> other_unit{};  // offsets counted this, not what the row or its source says
  std::uint32_t found_spans = 0;         // spans without offsets, found by their text
  // Where the teacher's distribution comes from: the row gives it, the answer's tokens, its text alone (a label), or a
  // label with a confidence.
  enum class Reading : std::uint8_t { kGiven, kTokens, kText, kConfidence } reading = Reading::kGiven;
  double class_mass = 1.0;     // what the classes hold where the answer stands; the rest is tail
  std::uint32_t position = 0;  // of the first token of the class in the answer, from 0
  bool agrees = true;          // the most probable class is the one in the answer's text
  bool sampled_warm = false, cuts_candidates = false;  // FoundRow
  bool confidence_unread = false;                      // AnswerReading
  std::string_view family{};                           // FoundRow
  bool has_own_id = false;  // the id is the row's, and no other text of its file has it (LogFile)
};

class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual Status accept(Record&& record, const RowNotes& notes) = 0;
  virtual Status reject(const std::string& file, std::uint64_t line, const Rejection& rejection,
                        std::string_view content) = 0;
  virtual Status superseded(const std::string& file) = 0;  // another row of the same request counts
  virtual void used_requests(const std::string& file,
                             std::uint64_t count) = 0;  // rows of it that answers were joined to
  virtual void remark(std::string text) = 0;            // about the log as a whole, for the user
  virtual void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) = 0;
};

}  // namespace noggin::data
