// Whether what devices are asked and answer is still what the model was judged on: counters of devices
// (noggin/counters.h) against the reference counts in the model's file, histogram by histogram.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "export/report/histogram_tests.h"
#include "noggin/counts.h"
#include "noggin/engine.h"
#include "noggin/result.h"

namespace noggin::exporter {

struct DriftLimits {
  double max_psi = 0.2;               // population stability index above which a histogram has moved ...
  double max_p_value = 0.001;         // ... if its test's p-value, corrected for several tests, is at most this, too
  std::uint64_t min_requests = 1000;  // of all devices together; fewer: cannot tell
};

enum class DriftVerdict { kNotMoved, kMoved, kCannotTell };
const char* verdict_name(DriftVerdict verdict);  // "not moved", "moved", "cannot tell"

struct HistogramDrift {
  std::string name;               // "answers", "probability", "length", "unknown words"
  const char* test = "";          // "chi-square" for answers, "Kolmogorov-Smirnov" for those whose bins are in order
  std::vector<std::string> bins;  // names
  std::vector<std::uint64_t> reference, devices;  // counts by bin
  std::uint64_t reference_n = 0, devices_n = 0;   // their sums
  double psi = 0.0;
  TestResult result;        // before the correction
  double p_value = 1.0;     // after it (Holm)
  std::size_t largest = 0;  // the bin whose share has changed most
  DriftVerdict verdict = DriftVerdict::kCannotTell;
  std::string why;  // one sentence
};

struct DriftReport {
  std::uint64_t model_content_hash = 0;
  std::size_t readings = 0;  // of counters
  Counts devices;            // all together
  std::uint64_t reference_requests = 0;
  std::vector<HistogramDrift> histograms;
  DriftVerdict verdict = DriftVerdict::kCannotTell;  // moved if any histogram has; cannot tell if none could be judged
  std::string why;
};

// Reads each file: readings of counters, one JSON object a line (prediction/counts_json.h), all of this model. Errors:
// kNotFound, kIo, kBadData with file:line, for another model's counters, too.
struct Readings {
  std::size_t count = 0;
  Counts sum;
};
Result<Readings> read_counters(const Model& model, const std::vector<std::string>& files);

// A model whose file has no reference counts gives "cannot tell".
DriftReport measure_drift(const Model& model, const Readings& readings, const DriftLimits& limits);

// Both, with the model's file. What `noggin drift` and `noggin nightly` call.
Result<DriftReport> drift_of(const std::string& model_path, const std::vector<std::string>& counter_files,
                             const DriftLimits& limits);

// {"model_content_hash", "readings", "requests", "unanswered", "errors", "reference_requests", "verdict", "why",
//  "histograms": [{"name", "verdict", "why", "psi", "test", "statistic", "degrees", "p_value", "p_value_corrected",
//  "n", "reference_n", "bins", "counts", "reference"}]}; and a table for people.
std::string to_json(const DriftReport& report);
std::string to_table(const DriftReport& report);

}  // namespace noggin::exporter
