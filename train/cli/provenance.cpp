#include "train/cli/provenance.h"

#include <cstring>
#include <filesystem>

#include "bytes/hex.h"
#include "export/report/statistics.h"
#include "spec/versions.h"
#include "train/cli/held_out_rows.h"

namespace noggin::tool {
namespace {

// No number is longer as JSON.
constexpr double kWidestNumber = -1.2345678901234568e-300;

// With the widest number in place of each; null is how a number that is none is written.
Json widest(const Json& json) {
  if (json.is_number() || json.is_null()) return kWidestNumber;
  Json result = json;
  if (json.is_structured()) {
    for (Json& item : result) item = widest(item);
  }
  return result;
}

// more: spaces in addition.
std::string padded_text(const Json& json, std::size_t more) {
  std::string text = json.dump();
  text.insert(text.size() - 1, widest(json).dump().size() - text.size() + more, ' ');
  return text;
}

}  // namespace

Json provenance_of(const train::Recipe& recipe) {
  return {{"noggin", NOGGIN_VERSION},
          {"numerics_version", spec::kNumericsVersion},
          {"recipe", recipe.name},
          {"seed", recipe.seed}};
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

std::string student_provenance(const train::Recipe& recipe, HeldOut split, const train::TaskReader& reader,
                               const StudentFacts& facts) {
  Json json = provenance_of(recipe);
  json["checkpoint_xxh3"] = facts.checkpoint_hash;
  json["data_xxh3"] = facts.data_hashes;
  add_score_threshold(json, recipe);
  json["training"] = facts.history;
  add_measured(json, split, reader, facts.scores);
  return padded_text(json, std::strlen(name_of(HeldOut::kTest)) - std::strlen(name_of(split)));
}

}  // namespace noggin::tool
