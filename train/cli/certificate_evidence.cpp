#include "train/cli/certificate_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "bytes/bound_text.h"
#include "data/shards/shard.h"
#include "export/verify/targets.h"
#include "format/reader.h"
#include "noggin/engine.h"
#include "train/cli/certificate.h"
#include "train/cli/held_out_rows.h"
#include "train/cli/stages.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::value_or_throw;

// A member of the certificate, whatever it has become; null if it is not there.
Json at(const Json& json, std::initializer_list<const char*> names) {
  Json found = json;
  for (const char* name : names) found = found.is_object() ? found.value(name, Json()) : Json();
  return found;
}

// Everything that is known about one certificate: what it states, what was found, and what is missing.
class Proof {
 public:
  Proof(const Arguments& arguments, Console& console, const std::string& nog, const ReadCertificate& certificate)
      : arguments_(arguments), console_(console), nog_(nog), stated_(certificate.json) {
    found_["certificate"] = kCertificateVersion;
    found_["sha256"] = binding_of(certificate.text).found;
  }

  std::vector<exporter::ProofLine> prove() {
    found_["program"] = program_json();
    found_["subject"] = {{"model", subject_json({nog_, "", "", {}, 0})["model"]}};
    if (at(stated_, {"subject", "model", "sha256"}) == at(found_, {"subject", "model", "sha256"})) {
      found_["golden"] = golden_json(nog_);
      open_run();
      add_files();
      add_rows();
    } else {
      for (const auto& [name, value] : stated_.items())
        missing_.push_back({{name}, "the model is another one than the certificate's"});
    }
    return exporter::prove(stated_, found_, missing_);
  }

 private:
  void add_missing(std::vector<std::string> path, const std::string& why) {
    missing_.push_back({std::move(path), why});
  }

  // --run, or the run that the model lies in.
  void open_run() {
    const std::string folder = arguments_.text_or("run", run_of(nog_));
    if (folder.empty()) {
      for (const char* name : {"run", "data", "limits", "split"}) add_missing({name}, "the run's folder: --run");
      return;
    }
    context_.emplace(existing_run(folder, console_));
    data_.emplace(ingested(*context_));
    student_.emplace(trained(*context_));
    found_["run"] = run_json(*context_, *student_);
    found_["data"] = data_json(*data_);
    found_["limits"] = limits_json(context_->recipe);
    const Json split = at(stated_, {"split"});
    const bool test = split == name_of(HeldOut::kTest);
    context_->measured = test ? HeldOut::kTest : HeldOut::kDev;
    found_["split"] = name_of(context_->measured);
  }

  std::string beside_model(const char* name) const {
    const std::string path = context_ ? context_->run.exports() + name : std::string();
    std::error_code error;
    return fs::is_regular_file(path, error) ? path : std::string();
  }

  void add_files() {
    checkpoint_ = arguments_.text_or("checkpoint", student_ ? student_->final_checkpoint : "");
    if (checkpoint_.empty())
      add_missing({"subject", "checkpoint"}, "the trainer's checkpoint: --checkpoint or --run");
    else
      found_["subject"]["checkpoint"] = file_json(checkpoint_);
    const std::string parity = beside_model("/parity.jsonl");
    if (parity.empty())
      add_missing({"subject", "parity"},
                  "parity.jsonl in the run's folder: --run; or noggin-run --certificate --verify");
    else
      found_["subject"]["parity"] = file_json(parity);
  }

  // The rows, and all that a verification of them gives.
  void add_rows() {
    const auto file = arguments_.text("data");
    if (!file && !data_) {
      for (const char* name :
           {"statistics", "quality", "training", "targets", "tokenization_differences", "oracle", "gates", "passed"})
        add_missing({name}, "the rows: --data or --run");
      add_missing({"subject", "rows"}, "the rows: --data or --run");
      return;
    }
    const std::vector<std::string> files = file ? std::vector{*file} : data_->held_out(context_->measured);
    const data::ExampleTable rows =
        file ? held_out_rows(*file, nog_, console_.progress()) : value_or_throw(data::read_shards(files));
    Json& subject = found_["subject"]["rows"] = {{"count", rows.rows()}, {"sha256", rows_sha256(rows)}};
    if (file)
      add_missing({"subject", "rows", "files"}, "the run's shards: --run without --data; the rows' own hash is proven");
    for (const std::string& path : files)
      if (!file) subject["files"].push_back(file_json(path));
    verify(rows);
  }

  // Those that the certificate says have run and that can run here, and why others cannot.
  std::vector<std::string> targets_to_run(const std::string& onnx) {
    const Model model = value_or_throw(Model::open(nog_));
    const std::vector<std::string> known = exporter::known_targets();
    std::vector<std::string> names;
    for (const Json& target : at(stated_, {"targets"})) {
      const Json name = at(target, {"name"});
      if (!name.is_string()) continue;
      const auto text = name.get<std::string>();
      if (at(target, {"ran"}) != true) {
        not_run_.push_back(text);
        continue;
      }
      const bool exists = std::ranges::find(known, text) != known.end();
      const std::string why =
          exists ? exporter::target_obstacle(text, model.view().config, onnx) : "this program has no such target";
      if (why.empty()) {
        names.push_back(text);
        continue;
      }
      all_targets_ran_ = false;
      for (const char* part : {"targets", "statistics"}) add_missing({part, text}, why);
      add_missing({"gates", "required target " + text + " ran"}, why);
      for (const Json& gate : at(stated_, {"gates"})) {
        const Json judged = at(gate, {"name"});
        if (judged.is_string() && judged.get<std::string>().starts_with(text + " "))
          add_missing({"gates", judged.get<std::string>()}, why);
      }
    }
    return names;
  }

  // The recipe's, as far as the certificate states them in their form.
  exporter::GateLimits stated_limits() const {
    exporter::GateLimits limits;
    const Json stated = at(stated_, {"limits"});
    const auto number = [&](const char* name, double& value) {
      if (const Json json = at(stated, {name}); json.is_number()) value = json.get<double>();
    };
    number("max_prediction_changes", limits.max_prediction_changes);
    number("min_primary_metric", limits.min_primary_metric);
    number("max_drop_from_float", limits.max_drop_from_float);
    for (const Json& name : at(stated, {"required_targets"}))
      if (name.is_string()) limits.required_targets.push_back(name.get<std::string>());
    return limits;
  }

  VerifiedModel verified(const data::ExampleTable& rows, const std::string& onnx,
                         const std::vector<std::string>& targets) {
    if (context_) {
      student_->final_checkpoint = checkpoint_;
      CheckpointAnswers floats(*context_, rows);
      return verify_stage(*context_, *student_, {nog_, onnx, ""}, rows, floats, targets);
    }
    exporter::VerifyRequest request;
    request.nog_path = nog_;
    request.checkpoint_path = checkpoint_;
    request.onnx_path = onnx;
    request.rows = &rows;
    request.targets = targets;
    if (const Json sample = at(stated_, {"limits", "reference_rows"}); sample.is_number_unsigned())
      request.reference_rows = sample.get<std::uint64_t>();
    VerifiedModel result{value_or_throw(exporter::verify(request)), {}};
    result.gates = exporter::judge(result.report, stated_limits());
    if (const Json size = at(stated_, {"limits", "size_mb"}); size.is_number() && size.get<double>() > 0.0) {
      train::BudgetRecipe budget;
      budget.size_mb = size.get<double>();
      result.gates.push_back(size_gate(budget, nog_));
    }
    add_missing({"gates", "not inferior to the best float student"}, "the float student: --run");
    return result;
  }

  void verify(const data::ExampleTable& rows) {
    const std::string onnx = arguments_.text_or("onnx", beside_model("/model.onnx"));
    const std::vector<std::string> targets = targets_to_run(onnx);
    if (targets.empty()) {
      for (const char* name : {"statistics", "targets", "gates", "training", "passed"})
        add_missing({name}, "no target of the certificate runs here");
      return;
    }
    const VerifiedModel model = verified(rows, onnx, targets);
    Json parts = verification_json(model.report, model.gates);
    parts.erase("not_run");
    for (const std::string& name : not_run_) parts["targets"].push_back({{"name", name}, {"ran", false}});
    if (!model.report.trainer_checked) forget_trainer(parts);
    parts["gates"] = comparable_gates(parts["gates"]);
    parts["passed"] = all_passed(parts["gates"]);
    found_.update(parts);
  }

  // By the gates that were judged anew and, of the others, by what the certificate says of each.
  bool all_passed(const Json& judged) const {
    bool passed = true;
    std::vector<Json> names;
    for (const Json& gate : judged) {
      names.push_back(at(gate, {"name"}));
      passed = passed && at(gate, {"passed"}) == true;
    }
    for (const Json& gate : at(stated_, {"gates"})) {
      if (std::ranges::find(names, at(gate, {"name"})) == names.end()) passed = passed && at(gate, {"passed"}) == true;
    }
    return passed;
  }

  void forget_trainer(Json& parts) {
    const char* const why = "the trainer's checkpoint: --checkpoint or --run";
    for (const char* name : {"training", "oracle"}) {
      parts.erase(name);
      add_missing({name}, why);
    }
    add_missing({"statistics", "trainer"}, why);
    add_missing({"gates", "independent float64 oracle"}, why);
    add_missing({"gates", "*", "detail"}, why);
  }

  // Without those that what is missing decides.
  Json comparable_gates(const Json& gates) {
    const char* const why = "the baseline's answers, which only `noggin run` has";
    for (const Json& stated : at(stated_, {"gates"})) {
      const Json name = at(stated, {"name"});
      if (!name.is_string()) continue;
      const auto text = name.get<std::string>();
      if (text == kBeatsBaseline || text.starts_with(kBaselineGate)) add_missing({"gates", text}, why);
    }
    if (!all_targets_ran_) add_missing({"gates", "*", "detail"}, "not all of its targets run here");
    Json kept = Json::array();
    for (Json gate : gates) {
      const auto decided = [&](const exporter::Missing& missing) {
        return missing.path.size() == 2 && missing.path[0] == "gates" && missing.path[1] == gate["name"];
      };
      if (std::ranges::any_of(missing_, decided)) continue;
      const bool other_detail = !all_targets_ran_ || (checkpoint_.empty() && gate["name"] != "size budget");
      if (other_detail) gate.erase("detail");
      kept.push_back(gate);
    }
    return kept;
  }

  const Arguments& arguments_;
  Console& console_;
  const std::string& nog_;
  const Json& stated_;
  Json found_ = Json::object();
  std::vector<exporter::Missing> missing_;
  std::optional<RunContext> context_;
  std::optional<IngestedData> data_;
  std::optional<TrainedStudent> student_;
  std::string checkpoint_;
  std::vector<std::string> not_run_;  // targets that the certificate says have not run
  bool all_targets_ran_ = true;
};

}  // namespace

std::vector<exporter::ProofLine> prove(const Arguments& arguments, Console& console, const std::string& nog,
                                       const ReadCertificate& certificate) {
  return Proof(arguments, console, nog, certificate).prove();
}

}  // namespace noggin::tool
