#include "train/cli/provenance.h"

#include <filesystem>

#include "bytes/hex.h"
#include "export/report/statistics.h"
#include "spec/versions.h"
#include "train/cli/held_out_rows.h"

namespace noggin::tool {

Json provenance_of(const RunContext& context) {
  return {{"noggin", NOGGIN_VERSION},
          {"numerics_version", spec::kNumericsVersion},
          {"recipe", context.recipe.name},
          {"seed", context.recipe.seed}};
}

Json data_hashes(const IngestedData& data) {
  Json hashes = Json::object();
  for (const std::string& path : data.outputs) {
    hashes[std::filesystem::path(path).filename().string()] = hex(train::hash_file(path));
  }
  return hashes;
}

void add_data(Json& provenance, const IngestedData& data) { provenance["data_xxh3"] = data_hashes(data); }

void add_score_threshold(Json& provenance, const train::Recipe& recipe) {
  if (spec::traits_of(recipe.task).is_number()) provenance[kScoreThresholdKey] = recipe.data.score_threshold;
}

void add_measured(Json& provenance, HeldOut split, const train::TaskReader& reader,
                  const std::vector<data::RowScore>& scores) {
  const exporter::Interval primary_metric = exporter::bootstrap_ratio(scores, {});
  provenance[name_of(split)] = {{"rows", scores.size()},
                                {"figure", reader.primary_metric_name()},
                                {"value", primary_metric.value},
                                {"low", primary_metric.low},
                                {"high", primary_metric.high}};
}

}  // namespace noggin::tool
