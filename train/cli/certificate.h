// certificate.json: what was verified (model, checkpoint, recipe, data, program, each with its hash) and what was found
// (every target, the statistics with their n, gates, what did not run). `noggin certify` makes the same parts again
// from what lies before it and compares them, member by member (export/report/certificate_proof.h).
#pragma once

#include <string>
#include <vector>

#include "export/verify/verify.h"
#include "train/cli/stages.h"

namespace noggin::tool {

// Gates that `run` alone judges: the comparison with the baseline, and those of the baseline's own file.
inline constexpr const char* kBeatsBaseline = "beats the baseline";
inline constexpr const char* kBaselineGate = "baseline.nog: ";  // in front of the gate's name

inline constexpr int kCertificateVersion = 2;  // 1 had neither strong hashes nor statistics

struct Subject {
  std::string nog, checkpoint, parity;  // checkpoint, parity: empty if there is none
  std::vector<std::string> row_files;   // shards, or the file that --data names
  std::uint64_t rows = 0;
};

// {"file", "xxh3", "sha256"}. Files are named without their folders. Throws Failure (kBadData).
Json file_json(const std::string& path);
// {"model": {file_json, "bytes", "content_hash"}, "checkpoint": {...}, "rows": {"count", "files": [...]},
//  "parity": {...}}.
Json subject_json(const Subject& subject);
// Of a run: {"id", "recipe", "recipe_xxh3", "recipe_sha256", "seed", "noggin", "time"}. The id is that of its lines in
// metrics.jsonl.
Json run_json(const RunContext& context, const TrainedStudent& student);
// This program: {"noggin", "numerics_version", "layout_version", "compiler", "sha256"}: of its file.
Json program_json();
// Every file that ingest wrote, by name: its SHA-256.
Json data_json(const IngestedData& data);
// The SHA-256 of the rows themselves: their texts and gold, in order, whichever file they come from.
std::string rows_sha256(const data::ExampleTable& rows);
// What the recipe asks of a model: {"max_prediction_changes", "required_targets", "reference_rows",
// "min_primary_metric", "max_drop_from_float", "must_beat_baseline", "size_mb"}.
Json limits_json(const train::Recipe& recipe);
// {"of": {"metric", "n", "value", "low", "high", "level", "resamples", "seed", "method"}} for the trainer and each
// target that ran. n: rows with gold.
Json statistics_json(const exporter::VerifyReport& report);
// {"name": "why"} of each target that did not run.
Json not_run_json(const exporter::VerifyReport& report);
// Golden vectors of the file on each kernel set of this machine: {"vectors", "failed"}.
Json golden_json(const std::string& nog);

// The parts that come from a verification, without a run: targets, gates, statistics, what did not run.
Json verification_json(const exporter::VerifyReport& report, const std::vector<exporter::GateResult>& gates);
// The whole of it, bound (bytes/bound_text.h), as text. `rows`: those that were verified.
std::string certificate_text(const RunContext& context, const IngestedData& data, const data::ExampleTable& rows,
                             const std::string& nog, const VerifiedModel& verified);

// exporter::to_json of a report, with these objects in front, as text: what `noggin verify --json` prints.
std::string verified_text(const exporter::VerifyReport& report, const std::vector<exporter::GateResult>& gates,
                          const Json& front);

}  // namespace noggin::tool
