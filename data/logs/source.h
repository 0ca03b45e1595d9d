// One input of a split, and the options under which its rows are read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace noggin::data {

enum class Adapter { kJsonl, kOpenAiBatch, kJsonObject, kTsv };
enum class OnMissingLogprobs { kReject, kHardLabel };

// One input of a split. Files may be plain, gzip or Zstandard.
struct Source {
  Adapter adapter = Adapter::kJsonl;
  std::string path{};           // the file; openai_batch: the output file (adapter_openai.h)
  std::string requests_path{};  // openai_batch only: the request file
  // What a field of row_fields.h is called in this log, where it has another name: {"text": "disfluent"}. A field whose
  // name is taken so is not looked for under its own.
  std::map<std::string, std::string> fields{};
  std::vector<std::string> columns{};  // tsv only: the names of its columns, in order
};

struct IngestOptions {
  OnMissingLogprobs on_missing_logprobs = OnMissingLogprobs::kReject;
  bool use_gold_labels = true;      // false: gold labels of training rows are dropped (dev and test keep theirs)
  double quarantine_budget = 0.01;  // share of rejected lines of a split above which ingest fails (kBadData)
  std::uint32_t top_k = 32;         // teacher classes kept per row or token at most; the rest joins the tail
  // Training rows without gold whose teacher gives its best class less than this are left out, and counted (tag, edit:
  // words, and rows of which no word is left; multi_label: by the class it is least sure of, max(p, 1 - p)). 0: none. Not
  // for score, where a probability of 0.5 is an answer.
  double min_teacher_probability = 0.0;
};

}  // namespace noggin::data
