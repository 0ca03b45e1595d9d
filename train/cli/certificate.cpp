#include "train/cli/certificate.h"

#include <algorithm>
#include <filesystem>

#include "bytes/bound_text.h"
#include "bytes/hex.h"
#include "bytes/little_endian.h"
#include "bytes/sha256.h"
#include "export/report/statistics.h"
#include "kernels/kernel_set.h"
#include "noggin/engine.h"
#include "spec/versions.h"
#include "train/run/failure.h"
#include "train/run/file_sha256.h"
#include "train/run/utc_time.h"

namespace noggin::tool {
namespace {

// Values of any size, each behind its length, so that no two tables give the same bytes.
class RowHash {
 public:
  template <typename Value>
  void add(std::span<const Value> values) {
    std::vector<std::byte> length;
    append_little_endian(length, std::uint64_t{values.size_bytes()});
    hash_.update(length);
    hash_.update(std::as_bytes(values));
  }
  std::string hex_digest() const { return hash_.hex_digest(); }

 private:
  Sha256 hash_;
};

Json interval_json(const std::string& metric, const std::vector<data::RowScore>& scores) {
  const exporter::BootstrapOptions options;
  const exporter::Interval interval = exporter::bootstrap_ratio(scores, options);
  const auto counted = std::ranges::count_if(scores, [](const data::RowScore& row) { return row.of > 0.0; });
  return {{"metric", metric},
          {"n", counted},
          {"value", interval.value},
          {"low", interval.low},
          {"high", interval.high},
          {"level", options.level},
          {"resamples", options.resamples},
          {"seed", options.seed},
          {"method", "percentile bootstrap over rows"}};
}

}  // namespace

Json file_json(const std::string& path) {
  return {{"file", std::filesystem::path(path).filename().string()},
          {"xxh3", hex(train::hash_file(path))},
          {"sha256", train::sha256_file(path)}};
}

Json subject_json(const Subject& subject) {
  Json json{{"model", file_json(subject.nog)}};
  json["model"]["bytes"] = std::filesystem::file_size(subject.nog);
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
          {"recipe_sha256", train::sha256_file(context.run.resolved_recipe())},
          {"seed", context.recipe.seed},
          {"noggin", NOGGIN_VERSION},
          {"time", train::utc_time()}};
}

Json program_json() {
  return {{"noggin", NOGGIN_VERSION},
          {"numerics_version", spec::kNumericsVersion},
          {"layout_version", spec::kLayoutVersion},
          {"compiler", __VERSION__},
          {"sha256", train::sha256_file("/proc/self/exe")}};
}

Json data_json(const IngestedData& data) {
  Json hashes = Json::object();
  for (const std::string& path : data.outputs)
    hashes[std::filesystem::path(path).filename().string()] = train::sha256_file(path);
  return hashes;
}

std::string rows_sha256(const data::ExampleTable& rows) {
  RowHash hash;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    hash.add(std::span<const char>(rows.text_of(row)));
    const bool gold = rows.has_gold(row);
    const std::uint8_t known = gold ? 1 : 0;
    hash.add(std::span(&known, 1));
    if (gold && rows.has_values()) hash.add(rows.gold_values_of(row));
    if (gold && !rows.has_values() && !rows.per_token()) hash.add(rows.label_of(row));
    if (!rows.per_token()) continue;
    for (const data::TypedSpan& span : rows.spans_of(row)) {
      const std::uint64_t place[] = {span.begin, span.end, span.type};
      hash.add(std::span<const std::uint64_t>(place));
    }
    hash.add(std::span<const char>(rows.target_of(row)));
  }
  return hash.hex_digest();
}

Json limits_json(const train::Recipe& recipe) {
  return {{"max_prediction_changes", recipe.gates.max_prediction_changes},
          {"required_targets", recipe.gates.required_targets},
          {"reference_rows", recipe.gates.reference_rows},
          {"min_primary_metric", recipe.gates.min_primary_metric},
          {"max_drop_from_float", recipe.gates.max_drop_from_float},
          {"must_beat_baseline", recipe.gates.must_beat_baseline},
          {"size_mb", recipe.budget.size_mb}};
}

Json statistics_json(const exporter::VerifyReport& report) {
  Json json = Json::object();
  const std::string& metric = report.primary_metric_name;
  if (report.trainer_checked) json["trainer"] = interval_json(metric, report.training.scores);
  for (const exporter::TargetReport& target : report.targets) {
    if (target.ran) json[target.name] = interval_json(metric, target.scores);
  }
  return json;
}

Json not_run_json(const exporter::VerifyReport& report) {
  Json json = Json::object();
  for (const exporter::TargetReport& target : report.targets) {
    if (!target.ran) json[target.name] = target.why_not;
  }
  return json;
}

Json golden_json(const std::string& nog) {
  const Model model = train::value_or_throw(Model::open(nog));
  std::uint64_t vectors = 0, failed = 0;
  const runtime::KernelSetList sets = runtime::kernel_sets();
  for (std::size_t i = 0; i < sets.count; ++i) {
    if (!sets.entries[i].executable) continue;
    const SelfTest result = train::value_or_throw(Session::create(model, sets.entries[i].kernels->name)).self_test();
    vectors = result.checked;
    failed += result.failed;
  }
  return {{"vectors", vectors}, {"failed", failed}};
}

Json verification_json(const exporter::VerifyReport& report, const std::vector<exporter::GateResult>& gates) {
  Json json = {{"statistics", statistics_json(report)}, {"not_run", not_run_json(report)}};
  json.update(Json::parse(exporter::to_json(report, gates)));
  return json;
}

std::string certificate_text(const RunContext& context, const IngestedData& data, const data::ExampleTable& rows,
                             const std::string& nog, const VerifiedModel& verified) {
  Json json{{"certificate", kCertificateVersion}, {"split", name_of(context.measured)}, {"program", program_json()}};
  json.update(verified.subject);
  json["subject"]["rows"]["sha256"] = rows_sha256(rows);
  json["data"] = data_json(data);
  json["golden"] = golden_json(nog);
  json["limits"] = limits_json(context.recipe);
  json.update(verification_json(verified.report, verified.gates));
  return bind_text(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string verified_text(const exporter::VerifyReport& report, const std::vector<exporter::GateResult>& gates,
                          const Json& front) {
  Json json = front;
  json.update(Json::parse(exporter::to_json(report, gates)));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace noggin::tool
