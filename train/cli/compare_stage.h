// Two model files on the same rows: reads the rows in the classes of both, answers them through the runtime, and
// compares (export/compare). For `noggin compare` and `noggin nightly`. No LibTorch.
#pragma once

#include <string>
#include <vector>

#include "data/logs/source.h"
#include "export/compare/comparison.h"
#include "train/cli/console.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {

struct CompareRequest {
  std::string old_nog, new_nog;
  // A JSON-lines file as for ingest (also parity.jsonl), or shards; a folder stands for the shards in it. All of one
  // kind.
  std::vector<std::string> rows;
  // margin, by, group; accept is the caller's: see accepted(). Fields need JSON lines: shards keep none.
  train::CompareRecipe rules;
};

// The file that these rows were read from, if it is one of JSON lines without names of its own for fields: with --by
// and --group it stands for their shards, which keep no fields. Empty: there is none.
std::string file_with_fields(const std::vector<data::Source>& sources);

// Throws Failure: kBadData for files that cannot be read or models of different tasks, kUsage for a field that no row
// has. Warns of lines that are left out and of labels that only one model knows.
exporter::Comparison compare_models(const CompareRequest& request, train::Progress& progress);

// Whether the recipe lets the new model replace the old one.
bool accepted(const exporter::Comparison& comparison, const train::CompareRecipe& rules);

// to_json of a comparison, with "accepted" and "accept" behind the verdict: what compare.json holds.
Json comparison_json(const exporter::Comparison& comparison, const train::CompareRecipe& rules);

}  // namespace noggin::tool
