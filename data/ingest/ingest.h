// Teacher logs and labelled files -> records. Streams: memory does not grow with the log, except for hashes per row
// (1.4 bytes a text, key_runs.h; up to 32 an id) and, for rows that are joined by id, 85 bytes a request (id_join.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/ingest/text_index.h"
#include "data/logs/log_reader.h"
#include "data/logs/row_sink.h"
#include "data/logs/source.h"
#include "data/rows/labels.h"
#include "data/rows/record.h"
#include "noggin/result.h"
#include "spec/task.h"

namespace noggin::data {

// A file that was read to its end.
struct FileFingerprint {
  std::string path;
  std::uint64_t bytes = 0;
  std::uint64_t hash = 0;  // XXH3-64 of the file as stored (compressed)
};

// The books of one file. Every document of it is in exactly one place of these:
//   requests, accepted, rejected, retried, filtered, duplicates, joined, elsewhere
struct SourceReport {
  std::string path;
  std::uint64_t requests = 0;  // used up by answers, which are counted where they stand
  std::uint64_t accepted = 0, retried = 0, filtered = 0;
  std::uint64_t duplicates = 0;                   // texts seen before that added nothing (training only)
  std::uint64_t joined = 0;                       // merged into an earlier row with the same text (repeated_rows.h)
  std::uint64_t elsewhere = 0;                    // of another split that is read from the same file (TextShare)
  std::map<std::string, std::uint64_t> rejected;  // reason code -> count
  std::map<std::string, std::uint64_t, std::less<>> families;  // what was recognised -> rows
  // What was certain though a row wrote it otherwise -> rows: "class_by_number", "unit_utf16" (and its siblings),
  // "span_by_text".
  std::map<std::string, std::uint64_t> read_as;
  std::vector<std::string> examples;  // the first three rejected lines: message with reason and fix

  std::uint64_t rejected_lines() const;
  std::uint64_t documents() const;
};

// How well the answers of a teacher's log could be read.
struct AnswerCounts {
  std::uint64_t rows = 0;   // answers in words
  double class_mass = 0.0;  // sum of RowNotes::class_mass over answers read from tokens
  std::uint64_t from_tokens = 0, from_text = 0, from_confidence = 0;
  std::uint64_t disagreements = 0;  // the text's class is not the most probable one
  std::uint64_t certain = 0;        // a class at exactly 1 (independent classes: or 0)
  std::uint64_t sampled_warm = 0, cuts_candidates = 0, confidence_unread = 0;  // RowNotes
};

// Every line is counted exactly once: lines = accepted + rejected + retried + filtered + duplicates dropped + joined
// (training; elsewhere only rows that complete another one are joined). Requests that were answered are not lines.
struct SplitReport {
  std::uint64_t lines = 0, accepted = 0, renormalized = 0, duplicates = 0, with_label = 0, with_teacher = 0;
  std::uint64_t joined = 0;
  std::uint64_t measured_by_teacher = 0;  // rows whose gold is the teacher's answer (measure_by_teacher)
  AnswerCounts answers;
  std::vector<std::string> remarks;                // about the log as a whole
  std::vector<SourceReport> sources;               // in the order in which their files were begun
  std::uint64_t unmapped_words = 0;                // listed teacher words that no class claims; their mass is tail
  std::uint64_t filtered = 0, filtered_words = 0;  // by IngestOptions::min_teacher_probability
  std::uint64_t normalized_tags = 0;               // I-x that followed no x, read as B-x
  std::uint64_t retried = 0;                       // batch rows superseded by another row of the same custom_id
  std::map<std::string, std::uint64_t> rejected;   // reason code (rejection.h) -> count
  std::vector<FileFingerprint> files;
  std::map<std::string, Repeats> repeats;  // split -> rows whose text it has; its own name: rows repeated within it
  bool is_whole =
      true;  // false: by the beginnings of its files, and halves of rows that miss the other are not counted

  std::uint64_t rejected_lines() const;
  std::uint64_t repeated_from(const std::string& split) const;  // rows of Repeats
};

// The part of the texts that belongs to a split when several are read from the same sources: those whose hash, as a
// number in [0, 1), is in [begin, end). Texts that differ only in case, white space and punctuation stay together.
struct TextShare {
  double begin = 0.0, end = 1.0;
  bool is_whole() const { return begin == 0.0 && end == 1.0; }
  bool holds(std::string_view text) const;
  static double place_of(std::string_view text);  // that number of a text
};

struct SplitInput {
  std::string name;  // "train", "dev", "test"
  std::vector<Source> sources;
  bool training = false;
  TextShare share{};
};

// The texts of the splits read so far, by their names, so that each is compared with all before it.
using SplitTexts = std::map<std::string, TextIndex>;

// What takes the rows of a split. An Error stops the reading.
struct RowTaker {
  std::function<Status(Record&&, const RowNotes&)> accept;
  // A row about a text that was accepted before, and what it adds. May be empty.
  std::function<Status(Record&&, const RepeatOf&)> join{};
};

// How the rows of a split are to be read.
Result<RowSchema> schema_of(const SplitInput& input, const LabelSet& labels, const IngestOptions& options,
                            spec::TaskKind task);

// What a unit of a split's sources holds is told to the sink: by reading it (the default), or from a part file. False:
// only what it begins with.
using ReadUnit = std::function<Result<bool>(const LogUnit& unit, const RowSchema& schema, LogSink& sink)>;

// Reads all sources of one split in order. Rejected lines are appended to `quarantine_path` (quarantine.h); empty
// discards them. Exact duplicate texts after the first are joined with it if they add something; else they are dropped
// from training splits and kept in others (counted in both). texts: compared with this split, whose own texts are
// added; null: only duplicates within the split are found. If the first kHopelessDocuments (log_reader.h) hold nothing
// usable, it stops with kBadData. task: how rows are read (row_fields.h).
Result<SplitReport> read_split(const SplitInput& input, const LabelSet& labels, const IngestOptions& options,
                               const std::string& quarantine_path, const RowTaker& taker, SplitTexts* texts = nullptr,
                               spec::TaskKind task = spec::TaskKind::kSingleLabel, const ReadUnit& read_unit = {});
// The same for those who need only the accepted rows.
Result<SplitReport> read_split(const SplitInput& input, const LabelSet& labels, const IngestOptions& options,
                               const std::string& quarantine_path, const std::function<Status(Record&&)>& accept,
                               SplitTexts* texts = nullptr, spec::TaskKind task = spec::TaskKind::kSingleLabel);

// Whether a reason (its code) is no fault of any log: rows that cannot be learnt, or that say nothing of what is.
bool is_no_fault(std::string_view reason);

// kBadData if a split, or one of its sources, has no usable row, or more faulty ones than options.quarantine_budget, or
// was cut; what the source permits does not count. see: where to look, appended to the message.
Status check_split(const SplitInput& split, const SplitReport& counts, const IngestOptions& options,
                   const std::string& see = {});
// kBadData if no row of a split that measures has gold.
Status check_has_gold(const std::string& split, std::uint64_t rows, std::uint64_t with_gold);

// "120 x missing_logprobs, 3 x bad_json": the most frequent first, at most `max_count` of them, and how many
// kinds are left out.
std::string top_reasons(const std::map<std::string, std::uint64_t>& rejected, std::size_t max_count = 3);

}  // namespace noggin::data
