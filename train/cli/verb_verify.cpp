// Runs the same rows through every target. A model inside a run directory is compared with its trainer; any other needs
// --checkpoint and --data, and without a checkpoint only the runtime is checked.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "data/shards/shard.h"
#include "format/reader.h"
#include "noggin/engine.h"
#include "train/cli/certificate.h"
#include "train/cli/held_out_rows.h"
#include "train/cli/shipping.h"
#include "train/cli/stages.h"
#include "train/cli/target_list.h"
#include "train/cli/verbs.h"
#include "train/run/run_lock.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::ExitCode;

bool is_ngram_model(const std::string& nog_path) {
  return train::value_or_throw(Model::open(nog_path)).view().config.family == spec::Family::kNgram;
}

// The file and what the options name, without a run directory.
VerifiedModel verify_file(const Arguments& arguments, const std::string& nog_path, const data::ExampleTable& rows,
                          const std::vector<std::string>& targets) {
  exporter::VerifyRequest request;
  request.nog_path = nog_path;
  request.checkpoint_path = arguments.text_or("checkpoint", "");
  request.onnx_path = arguments.text_or("onnx", "");
  request.onnxruntime_library = arguments.text_or("onnxruntime", "");
  request.rows = &rows;
  request.targets = targets;
  VerifiedModel verified{train::value_or_throw(exporter::verify(request)), {}};
  verified.gates = exporter::judge(verified.report, {});
  return verified;
}

VerifiedModel verify_alone(const Arguments& arguments, Console& console, const std::string& nog_path,
                           const std::vector<std::string>& targets) {
  const auto data = arguments.text("data");
  if (!data) {
    throw train::Failure(ExitCode::kUsage, nog_path +
                                               " is not in a run directory, so its held-out rows are unknown. Fix: "
                                               "add --data FILE, and --checkpoint FILE to compare it with the trainer");
  }
  const data::ExampleTable rows = held_out_rows(*data, nog_path, console.progress());
  VerifiedModel verified = verify_file(arguments, nog_path, rows, targets);
  verified.subject = {
      {"subject", subject_json({nog_path, arguments.text_or("checkpoint", ""), "", {*data}, rows.rows()})}};
  return verified;
}

bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return fs::equivalent(a, b, error);
}

// The run's own exports are compared with what the run has recorded; returns whether this is its student, whose parity
// and ONNX files belong to it.
bool check_exports(const RunContext& context, const std::string& nog_path) {
  const std::string exports = context.run.exports();
  for (const auto& [stage, name] : {std::pair("export", "/model.nog"), std::pair("baseline file", "/baseline.nog")}) {
    if (!is_same_file(nog_path, exports + name)) continue;
    context.cache.check(stage, {exports + name});
    context.cache.check(stage, context.cache.outputs(stage));
    return stage == std::string("export");
  }
  return false;
}

// The run's student has failed as its run judges it: it must not stay where shipped models are taken from, whichever
// verb has judged. Where it cannot be renamed, it is said: the gates are what this verb was asked for.
void take_from_shipping(const RunContext& context, const ExportedModel& model) {
  train::Progress& progress = context.console.progress();
  try {
    const train::RunLock lock(context.run.path(), "verify");
    std::vector<std::string> files = {model.nog};
    if (!model.onnx.empty()) files.push_back(model.onnx);
    progress.warn(fmt::format("{} failed its gates: it may not ship, so it is now {}", model.nog, reject(files)[0]));
  } catch (const train::Failure& failure) {
    progress.warn(fmt::format("{} failed its gates, but keeps its name: {}", model.nog, failure.what()));
  }
}

// What the run itself was judged on; dev before it has ended.
HeldOut judged_on(const RunContext& context) {
  std::ifstream file(context.run.results());
  const Json results = Json::parse(file, nullptr, false);
  const bool final = results.is_object() && results.value("split", "") == name_of(HeldOut::kTest);
  return final ? HeldOut::kTest : HeldOut::kDev;
}

// With the run's gates, held-out rows, checkpoint and ONNX file; options may replace each of them.
VerifiedModel verify_in_run(const Arguments& arguments, Console& console, const std::string& nog_path,
                            const std::vector<std::string>& targets) {
  RunContext context = existing_run(run_of(nog_path), console);
  const HeldOut judged = judged_on(context);
  context.measured = held_out_of(arguments.text_or("split", name_of(judged)));
  const IngestedData data = ingested(context);
  TrainedStudent student = trained(context);
  const bool shipped = check_exports(context, nog_path);
  const auto file = arguments.text("data");
  const data::ExampleTable rows = file ? held_out_rows(*file, nog_path, console.progress())
                                       : train::value_or_throw(data::read_shards(data.held_out(context.measured)));
  const auto bound = [&](VerifiedModel verified, const std::string& checkpoint, const std::string& parity) {
    const std::vector<std::string> row_files = file ? std::vector{*file} : data.held_out(context.measured);
    verified.subject = {{"run", run_json(context, student)},
                        {"subject", subject_json({nog_path, checkpoint, parity, row_files, rows.rows()})}};
    return verified;
  };
  if (is_ngram_model(nog_path)) return bound(verify_file(arguments, nog_path, rows, targets), "", "");
  if (const auto checkpoint = arguments.text("checkpoint")) student.final_checkpoint = *checkpoint;
  const std::string onnx = fs::path(nog_path).replace_extension(".onnx").string();
  const bool has_onnx = shipped ? context.recipe.exports.onnx : fs::exists(onnx);
  const ExportedModel model{nog_path, arguments.text_or("onnx", has_onnx ? onnx : ""), ""};
  CheckpointAnswers floats(context, rows);
  VerifiedModel verified = bound(verify_stage(context, student, model, rows, floats, targets), student.final_checkpoint,
                                 shipped ? context.run.exports() + "/parity.jsonl" : std::string());
  // Other rows, files or only some targets ask another question than the run does.
  const bool asks_as_run = shipped && targets.empty() && !file && !arguments.has("checkpoint") &&
                           !arguments.has("onnx") && context.measured == judged;
  if (asks_as_run && !verified.passed()) take_from_shipping(context, model);
  return verified;
}

}  // namespace

Options verify_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("checkpoint", po::value<std::string>()->value_name("FILE"),
                        "the trainer's checkpoint of the same student")(
      "data", po::value<std::string>()->value_name("FILE"),
      "held-out rows: JSON lines {\"text\", \"label\"} or a shard")(
      "split", po::value<std::string>()->value_name("NAME"),
      "dev or test of the run directory (default: what the run was judged on)")(
      "onnx", po::value<std::string>()->value_name("FILE"), "the same model as ONNX")(
      "onnxruntime", po::value<std::string>()->value_name("FILE"), "libonnxruntime.so to compare with")(
      "targets", po::value<std::string>()->value_name("LIST"),
      "all (the default), or comma-separated names: a kernel set, cuda, vulkan, onnxruntime");
  return options;
}

ExitCode verify(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  const std::string nog_path = arguments.only_file("model");
  const std::vector<std::string> targets = targets_of(arguments);
  std::error_code error;
  if (!fs::is_regular_file(nog_path, error)) throw train::Failure(ExitCode::kBadData, nog_path + " is not a file");
  const VerifiedModel verified = run_of(nog_path).empty() ? verify_alone(arguments, console, nog_path, targets)
                                                          : verify_in_run(arguments, console, nog_path, targets);
  if (console.json()) {
    console.results() << verified_text(verified.report, verified.gates, verified.subject);
  } else {
    Summary summary;
    summary.inputs = {nog_path};
    summary.figures = {{"gates", verified.passed() ? "passed" : "failed"}};
    summary.next = verified.passed() ? fmt::format("noggin-run {} --self-test", nog_path) : "";
    console.finish(summary, exporter::to_table(verified.report, verified.gates));
  }
  return verified.passed() ? ExitCode::kOk : ExitCode::kGate;
}

}  // namespace noggin::tool
