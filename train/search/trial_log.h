// What a search has measured, a line of JSON each: trials.jsonl. Trials are only ever added; what it holds is not
// trained again.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "export/report/statistics.h"

namespace noggin::train {

enum class CandidateKind { kStudent, kStatic, kLinear };
const char* name_of(CandidateKind kind);  // "student", "static", "linear"

// A candidate that was trained, exported and measured.
struct Trial {
  std::string name;   // "int8-4-layers-ffn25-half", "static-0.5MB": of this training, also its folder
  std::string shape;  // "int8-4-layers-ffn25": the same of every length
  CandidateKind kind = CandidateKind::kStudent;
  double length = 1.0;  // share of the steps of a whole trial
  std::uint32_t layers = 0;
  double ffn_share = 0.0, heads_share = 0.0;     // removed
  std::uint64_t planned_bytes = 0;               // at most; 0: not known before
  std::uint64_t bytes = 0;                       // of the file as written
  double predicted_us = 0.0, measured_us = 0.0;  // predicted: by the latency model; 0: by none
  exporter::Interval dev;                        // the primary metric
  double seconds = 0.0;                          // of its training, export and measuring
  std::string run;                               // the run directory, relative to the search's
  std::string model;                             // the file, likewise

  bool operator==(const Trial&) const = default;
};

nlohmann::ordered_json to_json(const Trial& trial);
Trial trial_from_json(const nlohmann::ordered_json& json);  // throws nlohmann's exceptions

class TrialLog {
 public:
  // Reads the file if it exists. A last line that a kill has cut short is dropped; any other damage throws Failure
  // (kBadData), naming the line.
  explicit TrialLog(std::string path);

  const std::vector<Trial>& trials() const { return trials_; }
  const Trial* find(const std::string& name) const;
  // The line is on disk, whole, when this returns. Throws Failure of writing.
  const Trial& add(Trial trial);

 private:
  void write() const;

  std::string path_;
  std::vector<Trial> trials_;
};

}  // namespace noggin::train
