// One input of a split, and the options under which its rows are read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bytes/text_unit.h"
#include "data/answers/read_answer.h"

namespace noggin::data {

enum class Adapter { kJsonl, kOpenAiBatch, kJsonObject, kTsv, kConll, kBrat };
// What to do with an answer of which only the text was logged: nothing is known of the teacher's doubts.
enum class OnMissingLogprobs { kReject, kHardLabel };

// One input of a split. Files may be plain, gzip or Zstandard.
struct Source {
  Adapter adapter = Adapter::kJsonl;
  std::string path{};           // the file (brat: or the folder); with `requests_path`: the one with the answers
  std::string requests_path{};  // the request file, if the texts are not in `path`
  // JSON documents: the only envelope that rows may have (envelopes.h); "": recognised row by row.
  std::string family{};
  // Where a field of row_fields.h, or one of kAnswerFields, stands in this log, as a path (json_path.h): {"text":
  // "disfluent"}, or as the fields that begin so, one for each class: {"probs": "prob_*"}. A field renamed this way is
  // not looked for under its own name, and nothing else is recognised.
  std::map<std::string, std::string> fields{};
  // JSON documents of teachers: what all prompts share, "Ticket: {text}\nAnswer:" (text_template.h); "": the whole
  // prompt is the text.
  std::string text_template{};
  // Reasons (rejection.h) that are no fault of this source: they do not count against quarantine_budget. "empty": it
  // may hold no usable row.
  std::vector<std::string> permit{};
  std::vector<std::string> columns{};    // tsv, conll: the names of its columns, in order
  TextUnit unit = TextUnit::kCodePoint;  // what offsets count in rows that do not name their unit
};

// Whether its files are JSON documents, or tables of rows that are read like these.
inline bool holds_documents(const Source& source) {
  return source.adapter == Adapter::kJsonl || source.adapter == Adapter::kOpenAiBatch;
}

struct IngestOptions {
  OnMissingLogprobs on_missing_logprobs = OnMissingLogprobs::kHardLabel;
  std::string question{};                     // logs of typed decisions: the one to learn; "": such rows are refused
  std::vector<std::string> teacher_models{};  // of typed decisions: answers of other models are no teacher; empty: all
  // dev and test rows without gold are measured against the teacher's first answer (not for tag and edit).
  bool measure_by_teacher = false;
  double min_class_mass = AnswerOptions().min_class_mass;  // read_answer.h; of typed decisions: label_mass
  bool use_gold_labels = true;      // false: gold labels of training rows are dropped (dev and test keep theirs)
  double quarantine_budget = 0.01;  // fraction of a split's lines that may be rejected before ingest fails (kBadData)
  // tag, edit: fraction of a split's gold spans that may not begin and end with words before ingest fails (kBadData).
  // As strict as for lines: a span that does not fit is a label that is lost.
  double span_budget = 0.01;
  std::uint32_t top_k = 32;  // at most this many teacher classes per row or token; the rest joins the tail
  // Training rows without gold whose teacher gives its best class less than this are left out, and counted (tag, edit:
  // words, and rows with no word left; multi_label: by the class the teacher is least sure of, max(p, 1 - p)). 0: none.
  // Not for score, where a probability of 0.5 is an answer.
  double min_teacher_probability = 0.0;
};

}  // namespace noggin::data
