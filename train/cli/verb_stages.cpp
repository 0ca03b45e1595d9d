// ingest, train, export and run: one stage each, or all of them in order.
#include <fmt/format.h>

#include <algorithm>

#include "data/shards/shard.h"
#include "export/report/text_table.h"
#include "export/verify/targets.h"
#include "train/cli/certificate.h"
#include "train/cli/checkpoint_file.h"
#include "train/cli/provenance.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/run_report.h"
#include "train/cli/run_summary.h"
#include "train/cli/shell_words.h"
#include "train/cli/stages.h"
#include "train/cli/static_student.h"
#include "train/cli/text_file.h"
#include "train/cli/verbs.h"
#include "train/recipe/recipe_fields.h"
#include "train/run/distributed_environment.h"
#include "train/run/stop_signal.h"
#include "train/task/figures.h"

namespace noggin::tool {
namespace {

using train::ExitCode;

// The primary metric on dev of who is not trained in phases: the linear baseline, and the teacher if the log has its
// answer for every row of dev.
std::vector<std::pair<std::string, double>> dev_rivals(const RunContext& context, const IngestedData& data,
                                                       const data::ExampleTable& dev, const Baseline& baseline) {
  const auto reader = reader_of(context, data);
  std::vector<std::pair<std::string, double>> rivals = {{"baseline", baseline.dev_quality}};
  if (const auto teacher = reader->teacher_answers(dev))
    rivals.emplace_back("teacher", data::ratio(reader->scores(dev, *teacher)));
  return rivals;
}

// What the student is to be better than, or as good as, before it is trained.
void note_rivals(RunContext& context, const IngestedData& data, const data::ExampleTable& dev,
                 const Baseline& baseline) {
  std::string text;
  for (const auto& [name, quality] : dev_rivals(context, data, dev, baseline))
    text += fmt::format("{} {} {:.2f} %", text.empty() ? "" : ",", name, 100.0 * quality);
  context.console.progress().note(
      fmt::format("dev {} without the student:{}", reader_of(context, data)->primary_metric_name(), text));
}

std::string phase_table(const TrainedStudent& student, const std::vector<std::pair<std::string, double>>& rivals) {
  exporter::TextTable table({"phase", "dev quality %", "before it", "at step", "of", "loss", "time"});
  for (const auto& [name, quality] : rivals)
    table.add({name, fmt::format("{:.2f}", 100.0 * quality), "", "", "", "", ""});
  for (const TrainedPhase& phase : student.phases) {
    table.add({phase.name, fmt::format("{:.2f}", 100.0 * phase.dev_primary_metric),
               phase.first_primary_metric < 0.0 ? "" : fmt::format("{:.2f}", 100.0 * phase.first_primary_metric),
               train::format_count(phase.best_step), train::format_count(phase.steps),
               fmt::format("{:.4f}", phase.loss),
               phase.seconds > 0.0 ? train::format_duration(phase.seconds) : "done before"});
  }
  return table.text();
}

// Whether the trained integers ship or those of calibration alone; empty without a qat phase.
std::string quantization_text(const TrainedStudent& student) {
  const TrainedPhase& last = student.phases.back();
  if (last.name != train::phase_kind_name(train::PhaseKind::kQat) || last.first_primary_metric < 0.0) return {};
  const double calibrated = 100.0 * last.first_primary_metric;
  if (last.best_step == 0)
    return fmt::format("calibration alone, {:.2f} % on dev: no step of the qat phase made it better", calibrated);
  return fmt::format("trained to {:.2f} % on dev, after {} of {} steps; calibration alone has {:.2f} %",
                     100.0 * last.dev_primary_metric, train::format_count(last.best_step),
                     train::format_count(last.steps), calibrated);
}

Json phases_json(const TrainedStudent& student) {
  Json phases = Json::array();
  for (const TrainedPhase& phase : student.phases) {
    phases.push_back({{"phase", phase.name},
                      {"dev_quality", phase.dev_primary_metric},
                      {"first_dev_quality", phase.first_primary_metric},
                      {"loss", phase.loss},
                      {"steps", phase.steps},
                      {"best_step", phase.best_step},
                      {"seconds", phase.seconds},
                      {"checkpoint", phase.checkpoint}});
  }
  return phases;
}

// How to continue after a signal: the same command. A process of a group may have been told by another one.
ExitCode stopped(const Arguments& arguments, RunContext& context, const std::string& verb) {
  context.console.progress().warn("stopped; the state is saved. To continue: " +
                                  recipe_command(verb, arguments, context.run.path()));
  return train::StopSignal::requested() ? train::StopSignal::exit_code() : ExitCode::kTerminated;
}

struct Rival {
  const char* name;
  const Predictions& predictions;
};

// A file that may be the better choice, as a row of the table.
void add_row(const RunContext& context, const IngestedData& data, const data::ExampleTable& rows, const Rival& rival,
             exporter::ResultTable& table) {
  exporter::TargetResult row =
      exporter::score(rival.name, reader_of(context, data)->scores(rows, rival.predictions.answers));
  row.size_bytes = rival.predictions.size_bytes;
  row.latency_us = rival.predictions.latency_us;
  table.targets.push_back(std::move(row));
}

// A failed comparison with the baseline fails the run only if the recipe says so.
void add_baseline_gate(const train::GateRecipe& gates, const exporter::ResultTable& table, VerifiedModel& verified) {
  if (!gates.must_beat_baseline) return;
  const bool beaten = table.warnings.empty();
  verified.gates.push_back({kBeatsBaseline, beaten, beaten ? "clearly better on " + table.split : table.warnings[0]});
}

// The fastest kernel set of the verification against budget.latency_us. No gate: another machine, or a busy one, says
// otherwise.
std::string latency_text(const train::BudgetRecipe& budget, const exporter::VerifyReport& report,
                         train::Progress& progress) {
  const exporter::TargetReport* fastest = nullptr;
  for (const exporter::TargetReport& target : report.targets) {
    const bool on_cpu =
        target.name != exporter::kOnnxRuntime && target.name != exporter::kCuda && target.name != exporter::kVulkan;
    if (!target.ran || !on_cpu || target.median_microseconds <= 0.0) continue;
    if (fastest == nullptr || target.median_microseconds < fastest->median_microseconds) fastest = &target;
  }
  if (budget.latency_us <= 0.0 || fastest == nullptr) return {};
  const std::string text =
      fmt::format("{:.0f} us, median of the measured texts ({}, one thread); budget.latency_us is {:.0f}",
                  fastest->median_microseconds, fastest->name, budget.latency_us);
  if (fastest->median_microseconds > budget.latency_us)
    progress.warn("slower than the budget on this machine: " + text);
  return text;
}

// The page and the card say again what is recorded already, and `noggin report` writes them at any time: a run does not
// fail because they cannot be written.
void add_report(RunContext& context, Summary& summary) {
  try {
    const RunReport report = report_stage(context, {});
    summary.outputs.insert(summary.outputs.end(), {report.page, report.card});
  } catch (const train::Failure& failure) {
    context.console.progress().warn(fmt::format("no report: {}. To write it later: {}", failure.what(),
                                                shell_command({"noggin", "report", context.run.path()})));
  }
}

}  // namespace

Options ingest_options() { return run_folder_options(); }
Options train_options() { return training_options(); }
Options run_options() {
  Options options = training_options();
  options.add_options()("final", "measure on test, once, after dev has decided everything");
  return options;
}
Options export_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("hugging-face", po::value<std::string>()->value_name("DIR"),
                        "write the float student as a folder for `transformers` instead")(
      "force", "with --hugging-face: replace an earlier export there");
  return options;
}

ExitCode ingest(const Arguments& arguments, Console& console) {
  const train::StopSignal signal;
  RunContext context = open_run(arguments, console, "ingest");
  const IngestedData data = ingest_stage(context);
  Summary summary{{arguments.files()[0]},
                  data.outputs,
                  {{"classes", std::to_string(data.task.labels.size())},
                   {"vocabulary", train::format_count(data.tokenizer.vocabulary.size())}},
                  recipe_command("train", arguments, context.run.path())};
  console.finish(summary, data.text,
                 {{"classes", data.task.labels.size()}, {"vocabulary", data.tokenizer.vocabulary.size()}});
  return ExitCode::kOk;
}

// Distributed training: all processes start the same command. Ingest runs once before, because the processes other than
// rank 0 only read the run directory.
ExitCode join_shared_training(const Arguments& arguments, Console& console) {
  RunContext context = existing_run(run_folder_of(arguments, recipe_of(arguments, console)), console);
  const bool stopped = !join_training(context, ingested(context));
  if (!stopped) return ExitCode::kOk;
  return train::StopSignal::requested() ? train::StopSignal::exit_code() : ExitCode::kTerminated;
}

ExitCode train_verb(const Arguments& arguments, Console& console) {
  const train::StopSignal signal;
  if (train::environment_rank() > 0) return join_shared_training(arguments, console);
  RunContext context = open_run(arguments, console, "train");
  const IngestedData data = ingest_stage(context);
  const TrainedStudent student = train_stage(context, data);
  if (student.stopped) return stopped(arguments, context, "train");
  // Afterwards, because other processes of the training would wait for it.
  const data::ExampleTable dev = train::value_or_throw(data::read_shards(data.dev_shards));
  const auto rivals = dev_rivals(context, data, dev, baseline_stage(context, data, dev));
  const Summary summary{
      {arguments.files()[0]}, student.outputs(), {}, shell_command({"noggin", "export", context.run.path()})};
  Json json = {{"phases", phases_json(student)}};
  for (const auto& [name, quality] : rivals) json[name] = {{"dev_quality", quality}};
  console.finish(summary, phase_table(student, rivals), json);
  return ExitCode::kOk;
}

ExitCode export_verb(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  RunContext context = existing_run_to_write(arguments.only_file("run directory"), console, "export");
  const TrainedStudent student = trained(context);
  if (const auto folder = arguments.text("hugging-face")) {
    const std::vector<std::string> files = write_hugging_face(context, student, *folder, arguments.has("force"));
    console.finish({{student.float_checkpoint}, files, {}, ""}, "");
    return ExitCode::kOk;
  }
  const IngestedData data = ingested(context);
  const ExportedModel model = export_stage(context, data, student);
  console.finish({{student.final_checkpoint}, model.outputs(), {}, shell_command({"noggin", "verify", model.nog})}, "");
  return ExitCode::kOk;
}

ExitCode run(const Arguments& arguments, Console& console) {
  const train::StopSignal signal;
  RunContext context = open_run(arguments, console, "run");
  const IngestedData data = ingest_stage(context);
  if (!data.text.empty()) console.progress().note(data.text);
  const data::ExampleTable rows = train::value_or_throw(data::read_shards(data.held_out(context.measured)));
  Baseline baseline = baseline_stage(context, data, rows);
  note_rivals(context, data, *DevRows(context, data, rows), baseline);
  const std::optional<StaticStudent> small = static_stage(context, data);
  if (small && small->stopped) return stopped(arguments, context, "run");
  const TrainedStudent student = train_stage(context, data);
  if (student.stopped) return stopped(arguments, context, "run");
  const ExportedModel model = export_stage(context, data, student);
  CheckpointAnswers floats(context, rows);
  VerifiedModel verified = verify_stage(context, student, model, rows, floats);
  exporter::ResultTable table = result_table(context, data, student, model, rows, baseline, floats, verified);
  if (small) add_row(context, data, rows, {kStaticRow, small->predictions}, table);
  if (!table.warnings.empty() && !spec::traits_of(context.recipe.task).per_token()) {
    baseline = exported_baseline(context, data, rows);
    add_row(context, data, rows, {kBaselineFileRow, baseline.predictions}, table);
  }
  add_baseline_gate(context.recipe.gates, table, verified);
  verified.gates.insert(verified.gates.end(), baseline.gates.begin(), baseline.gates.end());
  const std::string certificate = context.run.certificate(), results = context.run.results();
  exporter::BootstrapOptions bootstrap;
  bootstrap.seed = context.recipe.seed;
  const train::Figures figures =
      reader_of(model.nog)->figures(rows, verified.report.stated, verified.report.answers, bootstrap);
  const Json subject =
      subject_json({model.nog, student.final_checkpoint, model.parity, data.held_out(context.measured), rows.rows()});
  Json json{{"run", run_json(context, student)}, {"subject", subject}};
  json["data_xxh3"] = data_hashes(data);
  json.update(exporter::to_json(table));
  json["figures"] = figures.json;
  json["phases"] = phases_json(student);
  json["passed"] = verified.passed();
  verified.subject = {{"run", run_json(context, student)}, {"subject", subject}};
  write_text(certificate, certificate_text(context, data, rows, model.nog, verified));
  write_text(results, json.dump(2) + "\n");
  const DevQuality dev = {student.phases.back().dev_primary_metric, small ? small->dev_quality : 0.0,
                          baseline.dev_quality};
  Summary summary = summary_of(arguments, context, {model, baseline, small ? &*small : nullptr, verified, dev, table});
  summary.outputs.insert(summary.outputs.end(), {certificate, results});
  add_report(context, summary);
  const std::string quantization = quantization_text(student);
  if (!quantization.empty()) summary.figures.emplace_back("quantization", quantization);
  const std::string latency = latency_text(context.recipe.budget, verified.report, console.progress());
  if (!latency.empty()) summary.figures.emplace_back("latency", latency);
  // What decides stands last.
  console.finish(
      summary,
      figures.text + "\n" + exporter::to_table(verified.report, verified.gates) + "\n" + exporter::to_text(table),
      json);
  return verified.passed() ? ExitCode::kOk : ExitCode::kGate;
}

}  // namespace noggin::tool
