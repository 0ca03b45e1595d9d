// The fields of one row as a log spells them, before they are judged together (log_row.h). Every task has its own:
//   all            id, text
//   single_label   label, confidence, logprobs | probs | logits
//   multi_label    labels: [names], logprobs | probs | logits (independent per class)
//   score          score, prob
//   tag            tokens, offsets: [[start, end]], tags | spans: [{start, end, type, text}], unit: what start and end
//                  count, logprobs | probs | logits: [per token, or null]
//   edit           as tag, and target
// How classes may be written: class_fields.h; spans: span_fields.h; other names of these fields: field_aliases.h. A
// list or an object may also be a string that holds it as JSON. Fields of other tasks are skipped. null is the same as
// absent, except for text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytes/text_unit.h"
#include "data/json/json_path.h"
#include "data/json/json_row.h"
#include "data/logs/teacher_distribution.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

struct LoggedSpan {
  std::int64_t start = -1, end = -1;  // in RowFields::unit; both -1: to be found by its text
  std::uint32_t type = spec::TagScheme::kOutside;
  std::string_view text{};  // what the log says lies there; empty: it says nothing
  bool has_place() const { return start >= 0; }
};

// Reused for every row. Views are valid as long as the row that was read.
struct RowFields {
  enum Name : std::uint32_t {
    kId = 1,
    kText = 2,
    kLabel = 4,
    kLabels = 8,
    kScore = 16,
    kProb = 32,
    kTarget = 64,
    kTokens = 128,
    kOffsets = 256,
    kTags = 512,
    kSpans = 1024,
    kValues = 2048,
    kUnit = 4096,
    kConfidence = 8192
  };
  std::uint32_t seen = 0;     // fields that the row has, including null
  std::uint32_t present = 0;  // those that are not null
  std::string id{};
  std::string_view text{}, target{};
  std::int32_t label = kNoLabel;
  std::vector<std::int32_t> labels{};
  bool numbered = false;  // a class was given by its place in data.labels
  double confidence = 1.0;
  double score = 0.0, prob = 0.0;
  std::vector<std::string_view> tokens{};
  std::vector<std::pair<std::int64_t, std::int64_t>> offsets{};  // in `unit`
  std::vector<std::int32_t> tags{};
  std::vector<LoggedSpan> spans{};
  TextUnit unit = TextUnit::kCodePoint;
  // Distributions of the row, or of its tokens, concatenated: token i ends at word_ends[i].
  ValueKind kind = ValueKind::kLogprobs;
  std::vector<ListedWord> words{};
  std::vector<std::size_t> word_ends{};
  EmbeddedJson inner{};  // of fields that are JSON in a string

  bool has(std::uint32_t name) const { return (present & name) != 0; }
  // default_unit: of a row that does not name its own.
  void clear(TextUnit default_unit = TextUnit::kCodePoint);
  // An id that stands outside the row; a blank one is none.
  void set_id(std::string_view given);
};

// Reads one field by its canonical name.
Trouble read_field(std::string_view name, JsonRow::Value& value, const RowSchema& schema, RowFields& row);
// Whether this is the canonical name of a field of any task.
// The same for one distribution in several fields of the row (append_columns). field: probs, logprobs or logits.
Trouble read_columns(std::string_view field, std::string_view prefix, JsonObject object, const RowSchema& schema,
                     RowFields& row);
bool is_distribution(std::string_view field);

bool is_field_name(std::string_view name);

}  // namespace noggin::data
