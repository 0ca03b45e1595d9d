// Rows about a text that an earlier row of the split has: what they add is merged into that row when all shards are
// written. Gold of one row and a teacher's answer of another become one row; several answers become their mean, the
// better teacher of the two: what is left of each one's chance is smaller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/encoding/row_encoder.h"
#include "data/ingest/text_index.h"
#include "data/rows/record.h"
#include "data/shards/example_table.h"
#include "noggin/result.h"

namespace noggin::data {

// How far a teacher's answers to one text lie apart: no student agrees better with it than it does with itself.
struct AnswerSpread {
  std::uint64_t texts = 0, answers = 0;  // texts with several answers, and all answers to them
  double mean = 0.0, largest = 0.0;      // total variation distance of an answer from the mean of its text
};

class RepeatedRows {
 public:
  // block: as RowEncoder::prepare leaves it. Memory: about that of the repeated rows themselves.
  explicit RepeatedRows(ExampleTable block) : repeats_(std::move(block)) {}

  void add(const Record& record, const EncodedRow& row, const RepeatOf& repeat);
  // Rewrites the shards that hold a repeated text. rows: in each of them.
  Status merge_into(const std::vector<std::string>& shards, const std::vector<std::uint64_t>& rows);
  const AnswerSpread& spread() const { return spread_; }

 private:
  struct Entry {
    std::uint64_t row;   // in the split
    std::size_t repeat;  // in repeats_
    bool gives_gold, has_answer;
  };
  void merge_gold(ExampleTable& block, std::size_t row, std::size_t repeat);
  void merge_answers(ExampleTable& block, std::size_t row, const std::vector<std::size_t>& answers);

  ExampleTable repeats_;
  std::vector<Entry> entries_;
  AnswerSpread spread_;
};

}  // namespace noggin::data
