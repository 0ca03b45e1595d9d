#include "train/cli/certificate.h"

#include <fmt/chrono.h>

#include <ctime>
#include <filesystem>

#include "bytes/hex.h"
#include "noggin/engine.h"

namespace noggin::tool {
namespace {

Json file_json(const std::string& path) {
  return {{"file", std::filesystem::path(path).filename().string()}, {"xxh3", hex(train::hash_file(path))}};
}

}  // namespace

Json subject_json(const Subject& subject) {
  Json json{{"model", file_json(subject.nog)}};
  json["model"]["content_hash"] = hex(train::value_or_throw(Model::open(subject.nog)).content_hash());
  if (!subject.checkpoint.empty()) json["checkpoint"] = file_json(subject.checkpoint);
  json["rows"] = {{"count", subject.rows}, {"files", Json::array()}};
  for (const std::string& file : subject.row_files) json["rows"]["files"].push_back(file_json(file));
  if (!subject.parity.empty()) json["parity"] = file_json(subject.parity);
  return json;
}

Json run_json(const RunContext& context, const TrainedStudent& student) {
  return {{"id", student.fingerprint},
          {"recipe", context.recipe.name},
          {"recipe_xxh3", hex(train::hash_file(context.run.resolved_recipe()))},
          {"seed", context.recipe.seed},
          {"noggin", NOGGIN_VERSION},
          {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))}};
}

std::string certificate_text(const exporter::VerifyReport& report, const std::vector<exporter::GateResult>& gates,
                             const Json& front) {
  Json json = front;
  json.update(Json::parse(exporter::to_json(report, gates)));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace noggin::tool
