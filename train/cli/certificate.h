// What a verification was of: the model, the checkpoint, the rows and the parity file, each with its hash, so that a
// certificate is bound to them.
#pragma once

#include <string>
#include <vector>

#include "export/verify/verify.h"
#include "train/cli/stages.h"

namespace noggin::tool {

struct Subject {
  std::string nog, checkpoint, parity;  // checkpoint, parity: empty if there is none
  std::vector<std::string> row_files;   // shards, or the file that --data names
  std::uint64_t rows = 0;
};

// {"model": {"file", "xxh3", "content_hash"}, "checkpoint": {"file", "xxh3"}, "rows": {"count", "files": [...]},
//  "parity": {"file", "xxh3"}}. Files are named without their folders. Throws Failure (kBadData).
Json subject_json(const Subject& subject);

// Of a run: {"id", "recipe", "recipe_xxh3", "seed", "noggin", "time"}. The id is that of its lines in metrics.jsonl.
Json run_json(const RunContext& context, const TrainedStudent& student);

// exporter::to_json of a report, with these objects in front, as text.
std::string certificate_text(const exporter::VerifyReport& report, const std::vector<exporter::GateResult>& gates,
                             const Json& front);

}  // namespace noggin::tool
