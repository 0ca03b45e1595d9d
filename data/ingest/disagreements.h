// Where a teacher and gold labels disagree: counts, and a file of rows to look at. Often the teacher is wrong,
// sometimes the label is; both are worth knowing before training on either.
//
// <output_folder>/disagreements.jsonl, one row per line; it holds user text, treat it like the log:
//   single_label        {"split", "id", "text", "gold", "teacher", "probability"}: the teacher's first class and its
//                       probability
//   multi_label, score  {"split", "id", "text", "classes": [{"class", "gold", "probability"}]}: classes whose gold
//                       value and teacher's probability are on different sides of 0.5
//   tag, edit           {"split", "id", "text", "unit": "byte", "words": [{"word", "begin", "end", "gold", "teacher",
//                       "probability"}]}: words as they are stored (align.h)
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/encoding/row_encoder.h"
#include "data/metrics/span_metrics.h"
#include "data/rows/record.h"
#include "data/rows/row_schema.h"
#include "noggin/result.h"

namespace noggin::data {

// Counts over the rows of one split that have gold and a teacher.
struct AgreementCounts {
  std::uint64_t rows = 0;
  std::uint64_t rows_agree = 0;  // in every class, word or span
  std::uint64_t words = 0;       // tag, edit: words with gold and a teacher
  std::uint64_t words_agree = 0;
  SpanCounts teacher_spans;  // tag, edit: what the teacher's first classes say on its own tokens
  // {gold class, teacher's class} -> number of rows or words. multi_label, score: a class that only gold has is
  // {c, -1}, one that only the teacher has is {-1, c}.
  std::map<std::pair<std::int32_t, std::int32_t>, std::uint64_t> confusions;
};

struct Confusion {
  std::int32_t gold, teacher;
  std::uint64_t count;
};
// The most frequent first, at most `max_count`.
std::vector<Confusion> top_confusions(const AgreementCounts& counts, std::size_t max_count = 20);

class DisagreementFile {
 public:
  // The file is created when the first row arrives; an empty path keeps counts only.
  explicit DisagreementFile(std::string path) : path_(std::move(path)) {}
  // Compares one row, which `row` encodes, and adds it where it differs.
  Status add(const std::string& split, const Record& record, const EncodedRow& row, const RowSchema& schema,
             AgreementCounts& counts);
  Status flush();

 private:
  Status write(const std::string& line);
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace noggin::data
