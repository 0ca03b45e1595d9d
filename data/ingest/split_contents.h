// What the accepted rows of a split can be learnt from or measured by.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/encoding/row_encoder.h"
#include "data/ingest/text_index.h"
#include "data/rows/record.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

// Counts of what has a label of its own: texts, or for tag and edit words.
struct TargetCounts {
  std::uint64_t all = 0, gold = 0, teacher = 0, both = 0;
};

// Rows in which each class occurs: in gold, or as an answer of the teacher (its first class; independent classes: those
// of at least 0.5). tag, edit: types of spans instead of classes. score: values below and from the gold threshold.
struct ClassCounts {
  std::vector<std::string> names{};
  std::vector<std::uint64_t> gold{}, teacher{};  // [names]
};

class ContentCounter {
 public:
  ContentCounter(const RowSchema& schema, float gold_threshold);  // the schema must outlive it
  // A row without its words (row is null) counts as one: all that can be known before there is a tokenizer.
  void add(const Record& record, const EncodedRow* row);
  // A row that completes an earlier one with the same text.
  void join(const Record& record, const EncodedRow* row, const RepeatOf& repeat);
  const TargetCounts& targets() const { return targets_; }
  const ClassCounts& classes() const { return classes_; }

 private:
  bool has_words(const EncodedRow* row) const { return row != nullptr && spec::traits_of(schema_.task).per_token(); }
  TargetCounts words_of(const EncodedRow& row) const;
  void mark_classes(const Record& record);
  std::size_t side(float value) const { return value < gold_threshold_ ? 0 : 1; }
  void mark_type(std::int32_t c, std::vector<char>& seen) const;

  const RowSchema& schema_;
  float gold_threshold_;
  TargetCounts targets_;
  ClassCounts classes_;
  std::vector<char> in_gold_, in_teacher_;  // [names], of one row
};

}  // namespace noggin::data
