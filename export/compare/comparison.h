// What comparing two models on the same rows has found, as plain data, and its JSON and text. "old": the model that is
// shipped; "new": the one that may replace it. Every difference is new - old.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "export/compare/paired_tests.h"
#include "export/report/statistics.h"

namespace noggin::exporter {

// Of the primary measure, in this order of questions:
//   kEquivalent  the difference is smaller than the margin, whatever its sign (two one-sided tests at 5 %)
//   kBetter      otherwise, if there is a difference at 5 % and it is positive
//   kWorse       ... negative
//   kCannotTell  so few rows, or rows that differ so much, show neither
enum class Verdict : std::uint8_t { kBetter, kEquivalent, kWorse, kCannotTell };
const char* name_of(Verdict verdict);  // "better", "equivalent", "worse", "cannot tell"

// A measure of both models. A share, or a mean of shares: 0.95 is 95 %.
struct MeasureDifference {
  std::string name;  // "accuracy", "macro F1", "calibration error", ...
  bool smaller_is_better = false;
  bool neither_is_better = false;  // coverage: what is answered less often may be answered more rightly
  std::uint64_t rows = 0;          // that it is measured on
  double before = 0.0, after = 0.0;
  Interval difference;  // 95 %, paired bootstrap over rows or groups
};

// Rows with gold by what both models make of them. Right: the whole answer is (every label, every span).
struct PairedRows {
  std::uint64_t rows = 0, both_right = 0, both_wrong = 0;
  Discordant discordant;
  std::uint64_t changed_alike = 0;  // another answer, as right or as wrong as before: neither mended nor broken
};

struct SliceDifference {
  std::string dimension, value;  // "class", "refund"; "length", "5-8 tokens"; "field:template", "t17"
  PairedRows paired;
  std::uint64_t without_gold = 0, changed = 0;  // rows of the slice without gold; of all its rows: with another answer
  Interval difference;                          // of the share of right rows, 95 %
  double p = 1.0, corrected_p = 1.0;            // mid-p; Holm over all slices that have a discordant row
};

// A row that both models answer differently. Answers are JSON objects without the text, as `noggin predict --json`
// prints them.
struct ChangedRow {
  enum class Kind : std::uint8_t { kBroken, kMended, kAlike, kUnknown };  // kUnknown: no gold
  Kind kind = Kind::kUnknown;
  std::uint64_t row = 0;                               // index into the rows
  std::string id, text, gold, teacher, before, after;  // described in words; gold, teacher: "" if there is none
  std::string before_json, after_json;
  double certainty = 0.0;  // the new model's, of its answer: the worst broken rows are those it is surest of
};

// How rows without gold change, by the teacher's answer in its place.
struct TeacherChanges {
  std::uint64_t rows = 0;                          // with a teacher's answer and without gold
  std::uint64_t to_teacher = 0, from_teacher = 0;  // now agree with it; no longer
  std::uint64_t other = 0;                         // changed, and agree as little or as much as before
  std::uint64_t unanswered = 0;                    // rows with neither gold nor teacher
  std::uint64_t unanswered_changed = 0;
};

struct ModelFacts {
  std::string path, content_hash, family, kernels;
  std::uint64_t bytes = 0, memory_bytes = 0;  // of the file; of the file and a session together
  std::uint32_t max_tokens = 0;
  double temperature = 1.0, abstain_below = 0.0;
  std::map<std::string, double> thresholds;  // of labels, for tasks that have them
  std::vector<std::string> labels;
  std::string vocabulary_hash;
};

struct Latency {                           // microseconds per text, one thread, both models in turn on each text
  std::uint64_t texts = 0;                 // 0: not measured
  double before_us = 0.0, after_us = 0.0;  // medians
  Interval difference_us;                  // median of new - old of each text, 95 %
};

// A text that the two models cut into other tokens.
struct TokenChange {
  std::uint64_t row = 0;  // index into the rows
  std::string text;
  std::size_t place = 0;                   // of the first token that differs, from 0
  std::vector<std::string> before, after;  // pieces from there on
};

struct LabelChanges {
  std::vector<std::string> added, gone;
  bool reordered = false;  // those in both files stand in another order
  // Rows whose gold only the other model can answer, by label.
  std::map<std::string, std::uint64_t> unknown_to_old, unknown_to_new;
};

struct Comparison {
  Verdict verdict = Verdict::kCannotTell;
  std::string because;     // one sentence
  bool same_file = false;  // byte for byte the same model: equivalent without any test

  std::string task;  // "single_label", ...
  std::vector<std::string> row_files;
  std::uint64_t rows = 0, rows_with_gold = 0, rejected_rows = 0;  // rejected: lines that cannot be read, not in `rows`
  std::string group_field;                                        // empty: each row by itself
  std::uint64_t groups = 0;

  double margin = 0.0;
  std::vector<MeasureDifference> measures;  // the first one is the primary; empty without gold
  std::string primary_test;                 // how the difference of the primary measure was tested, in words
  double primary_p = 1.0;                   // NaN where the test is an interval
  Interval primary_90;                      // the interval that is compared with the margin
  bool equivalent = false;
  std::string equivalence_by;                  // in words
  std::optional<EquivalenceTest> equivalence;  // where the score test applies
  double detectable = 1.0;                     // the smallest drop that so many rows show in 80 % of samples

  PairedRows paired;
  McNemar mcnemar;                                // of groups: sign_flip()
  std::uint64_t changed = 0;                      // of all rows
  Interval churn, negative_flips;                 // shares: of all rows, changed; of rows with gold, broken
  std::uint64_t same_bits = 0;                    // rows whose probabilities or logits are equal to the last bit
  std::uint64_t other_tokens = 0, tokenized = 0;  // of `tokenized` rows: other tokens
  static constexpr std::size_t kMostTokenChanges = 20;
  std::vector<TokenChange> token_changes;  // the first ones
  TeacherChanges teacher;
  std::vector<SliceDifference> slices;
  std::vector<ChangedRow> changes;  // broken, mended, alike, unknown; each by falling certainty

  LabelChanges labels;
  ModelFacts before, after;
  Latency latency;
};

// Schema "noggin-compare/1". Keys: "schema", "verdict", "because", "same_file", "task", "rows" {"files", "total",
// "with_gold", "rejected"}, "groups" {"field", "count"} or null, "margin", "test" {"by", "p", "detectable_drop"},
// "equivalence" {"passed", "by", "interval_90", "p_above_minus_margin", "p_below_margin"}, "measures" [{"name",
// "primary", "better": "larger" | "smaller" | "neither", "rows", "old", "new", "difference": an interval}],
// "paired" {"rows", "both_right", "both_wrong", "mended", "broken", "changed_alike", "mid_p", "exact_p"}, "churn"
// {"changed", "share", "negative_flips", "same_bits", "other_token_ids", "tokenized", "token_changes" [{"row", "text",
// "place", "old", "new"}]}, "teacher" {"rows", "to_teacher", "from_teacher", "other", "unanswered",
// "unanswered_changed"}, "slices" [{"dimension", "value", as "paired", "without_gold", "changed", "difference", "p",
// "corrected_p"}], "changes" {"broken": [{"row", "id", "text", "gold", "teacher", "old", "new", "certainty"}],
// "mended", "alike", "unknown"}, "labels" {"added", "gone", "reordered", "unknown_to_old", "unknown_to_new"}, "old",
// "new" {"path", "content_hash", "family", "kernels", "bytes", "memory_bytes", "max_tokens", "temperature",
// "abstain_below", "thresholds", "labels", "vocabulary_hash"}, "latency" {"texts", "old_us", "new_us", "difference_us"}
// or null. Shares are fractions of 1; intervals are {"value", "low", "high"}. "p" is null where the test is an
// interval.
nlohmann::ordered_json to_json(const Comparison& comparison);

// For people: the verdict, the measures, what changed, the slices that count, and the worst broken rows.
std::string to_text(const Comparison& comparison);

}  // namespace noggin::exporter
