// One night: new rows in, a student, its comparison with what is shipped, a decision.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "bytes/atomic_file.h"
#include "bytes/hex.h"
#include "export/drift/drift.h"
#include "export/pages/compare_page.h"
#include "export/publish/publish.h"
#include "noggin/engine.h"
#include "train/cli/compare_stage.h"
#include "train/cli/key_password.h"
#include "train/cli/night_recipe.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/recipe_check.h"
#include "train/cli/run_report.h"
#include "train/cli/shipping.h"
#include "train/cli/stages.h"
#include "train/cli/text_file.h"
#include "train/cli/verbs.h"
#include "train/nightly/night_outputs.h"
#include "train/nightly/shipped_folder.h"
#include "train/recipe/stage_sections.h"
#include "train/run/utc_time.h"
#include "train/start/start_source.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::ExitCode;
using train::Failure;

Json parsed(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Json::parse(in, nullptr, false);
}

class Night {
 public:
  Night(const Arguments& arguments, Console& console, train::Recipe recipe, std::vector<std::string> inputs)
      : arguments_(arguments),
        console_(console),
        recipe_(std::move(recipe)),
        folder_(*arguments.text("shipped")),
        shipped_(folder_.model()),
        number_(folder_.next_number()) {
    const std::string_view decides[] = {"gates", "budget", "compare", "export", "cascade"};
    inputs_ = hex(train::StageCache::key(
        "nightly", {std::move(inputs), train::run_settings(recipe_) + train::to_yaml(recipe_, decides)}));
    summary_ = {{"schema", train::kNightlySchema}, {"recipe", recipe_.name}};
  }

  ExitCode run() {
    last_ = folder_.last_night();
    publish_if_due();
    look_at_counters();
    if (last_ && last_->value("inputs", "") == inputs_)
      return nothing_new("the logs and the recipe are those of the last night");
    begin();
    const std::vector<std::string> words = {folder_.file("night.yaml"), "--out", folder_.night()};
    if (const ExitCode code = quietly(ingest, words, ingest_options()); code != ExitCode::kOk) return code;
    count_rows();
    const std::int64_t fresh = summary_["rows"]["new"];  // none or fewer: rows or the recipe were changed, not added to
    if (last_ && fresh > 0 && fresh < recipe_.nightly.min_new_rows) {
      folder_.drop_night();
      return nothing_new(
          fmt::format("{} new training rows; nightly.min_new_rows is {}", fresh, recipe_.nightly.min_new_rows));
    }
    const ExitCode code = quietly(tool::run, words, run_options());
    if (code != ExitCode::kOk && code != ExitCode::kGate) return code;
    judge_gates();
    compare_with_shipped();
    return decide();
  }

 private:
  // A verb of its own on the night's folder; what it prints is in the night's log.
  ExitCode quietly(ExitCode (*verb)(const Arguments&, Console&), const std::vector<std::string>& words,
                   const Options& options) {
    std::ostringstream results;
    Console inner(results, console_);
    return verb(Arguments(words, options), inner);
  }

  // Opens night/: the one that a killed process left, if it was for the same logs and recipe.
  void begin() {
    const Json plan = {{"inputs", inputs_}, {"shipped", shipped_}};
    const std::string record = folder_.file("night.json");
    std::error_code error;
    const bool resumes = fs::exists(folder_.night(), error) && parsed(record) == plan;
    const std::string start = recipe_.nightly.start_from_shipped ? folder_.start() : std::string();
    const NightRecipe night = write_night_recipe(recipe_, shipped_, start, folder_.file("night.yaml"));
    for (const std::string& note : night.notes) console_.progress().note(note);
    summary_["notes"] = night.notes;
    if (resumes) {
      console_.progress().note(fmt::format("night {} goes on where it was stopped", number_));
      return;
    }
    folder_.drop_night();
    write_text(record, plan.dump() + "\n");
    fs::create_directories(folder_.night(), error);
    fs::create_directories(folder_.file("data"), error);
    fs::remove(folder_.file("data/ingest_report.json"), error);     // the last night's: this one has not ingested yet
    write_text(folder_.night() + "/" + train::RunLock::kFile, "");  // from its first moment on a run directory
    fs::create_directory_symlink("../data", folder_.night() + "/data", error);
    if (error)
      throw Failure(ExitCode::kOutput, folder_.night() + " cannot be prepared: " + error.message() +
                                           ". Fix: choose a --shipped on a writable file system with links");
  }

  void count_rows() {
    const RunContext context = existing_run(folder_.night(), console_);
    const IngestedData data = ingested(context);
    const auto rows = static_cast<std::int64_t>(data.facts.training.value_or(data::TargetCounts{}).all);
    const std::int64_t before = last_ ? (*last_)["rows"].value("train", std::int64_t{0}) : 0;
    summary_["rows"] = {{"train", rows}, {"new", rows - before}};
    dev_shards_ = data.dev_shards;
  }

  // "gates" of the certificate.
  void judge_gates() {
    const Json certificate = json_of_file(folder_.night() + "/export/certificate.json");
    for (const Json& gate : certificate.value("gates", Json::array()))
      check(gate.value("name", ""), gate.value("passed", false), gate.value("detail", ""));
    const std::string model = folder_.night() + "/export/model.nog";
    std::error_code error;
    model_ = fs::exists(model, error) ? model : rejected_name(model);
    const Model opened = train::value_or_throw(Model::open(model_));
    summary_["model"] = {{"bytes", fs::file_size(model_)}, {"content_hash", hex(opened.content_hash())}};
  }

  // Fields of rows are only in the files that dev is read from.
  std::vector<std::string> rows_to_compare(train::CompareRecipe& rules) {
    if (rules.by.empty() && rules.group.empty()) return dev_shards_;
    if (const std::string file = file_with_fields(recipe_.data.dev); !file.empty()) return {file};
    console_.progress().warn(
        "compare.by and compare.group need data.dev as one file of JSON lines, for shards keep no fields: left out");
    rules.by.clear();
    rules.group.clear();
    return dev_shards_;
  }

  void compare_with_shipped() {
    if (shipped_.empty()) {
      verdict_ = "nothing is shipped yet";
      return;
    }
    train::CompareRecipe rules = recipe_.compare;
    const std::vector<std::string> rows = rows_to_compare(rules);
    const exporter::Comparison comparison = compare_models({shipped_, model_, rows, rules}, console_.progress());
    verdict_ = comparison.because;
    const Json details = comparison_json(comparison, rules);
    compare_text_ = details.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    compare_page_ = train::value_or_throw(exporter::compare_page(details, {}));
    if (!comparison.measures.empty()) {
      const exporter::MeasureDifference& primary = comparison.measures.front();
      summary_["metric"] = primary.name;
      summary_["quality"] = {{"new", primary.after},
                             {"shipped", primary.before},
                             {"difference", primary.difference.value},
                             {"low", primary.difference.low},
                             {"high", primary.difference.high}};
    }
    summary_["verdict"] = name_of(comparison.verdict);
    summary_["mended"] = comparison.paired.discordant.mended;
    summary_["broken"] = comparison.paired.discordant.broken;
    check("compared with the shipped model", accepted(comparison, rules), verdict_);
  }

  void check(const std::string& name, bool passed, const std::string& detail) {
    summary_["checks"].push_back({{"name", name}, {"passed", passed}, {"detail", detail}});
    if (!passed && failed_.empty()) failed_ = name + ": " + detail;
  }

  ExitCode decide() {
    const bool ship = failed_.empty();
    summary_["night"] = number_;
    summary_["decision"] = ship ? "shipped" : "held back";
    summary_["reason"] = ship ? verdict_ : failed_;
    finish_summary(ship ? ExitCode::kOk : ExitCode::kGate);
    const std::string exports = folder_.night() + "/export/", run = folder_.night() + "/";
    const std::string start = train::value_or_throw(train::find_start(folder_.night())).path;
    folder_.finish(number_,
                   {{model_, fs::path(model_).filename().string()},
                    {exports + "model.onnx", "model.onnx"},
                    {exports + "parity.jsonl", "parity.jsonl"},
                    {exports + "certificate.json", "certificate.json"},
                    {exports + "MODEL_CARD.md", "MODEL_CARD.md"},
                    {run + "report.html", "report.html"},
                    {run + "results.json", "results.json"},
                    {run + "recipe.resolved.yaml", "night.yaml"},  // another name than in a run, which this is not
                    {run + "env.json", "env.json"},
                    {run + "log.txt", "log.txt"},
                    {start, "start.ckpt"}},
                   outputs(), ship);
    publish_if_due();
    folder_.keep_newest(recipe_.nightly.keep);
    return tell(ship ? ExitCode::kOk : ExitCode::kGate, folder_.folder_of(number_));
  }

  ExitCode nothing_new(const std::string& reason) {
    summary_["decision"] = "nothing new";
    summary_["reason"] = reason;
    finish_summary(ExitCode::kOk);
    return tell(ExitCode::kOk, {});
  }

  void finish_summary(ExitCode code) {
    summary_["inputs"] = inputs_;
    summary_["time"] = train::utc_time();
    summary_["seconds"] = console_.seconds();
    summary_["exit_code"] = static_cast<int>(code);
  }

  std::vector<std::pair<std::string, std::string>> outputs() const {
    std::vector<std::pair<std::string, std::string>> texts = {
        {"summary.json", summary_.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"},
        {"metrics.prom", train::prometheus_text(summary_)},
        {"junit.xml", train::junit_text(summary_)},
        {"chat.txt", train::chat_line(summary_) + "\n"}};
    if (!compare_text_.empty()) texts.emplace_back("compare.json", compare_text_);
    if (!compare_page_.empty()) texts.emplace_back("compare.html", compare_page_);
    if (!drift_text_.empty()) texts.emplace_back("drift.json", drift_text_);
    return texts;
  }

  // What is shipped, into the folder that devices read, unless it is there: a call that was killed before, or could not
  // write there, is made up for.
  void publish_if_due() {
    if (recipe_.publish.folder.empty() || folder_.current().empty()) return;
    const std::string record = folder_.current() + "/published.json";
    std::error_code error;
    if (fs::exists(record, error)) return;
    publish::PublishRequest request;
    request.model = folder_.model();
    request.folder = recipe_.publish.folder;
    request.key = recipe_.publish.key;
    request.password = password_if_needed(arguments_, request.key);
    request.name = recipe_.name;
    request.channel = recipe_.publish.channel;
    request.rollout = recipe_.publish.rollout;
    request.expires_days = recipe_.publish.expires_days;
    const Result<publish::Publication> done = publish::publish(request);
    if (!done) throw Failure::of_writing(done.error());
    const Json published = {{"serial", done->serial}, {"folder", request.folder}, {"channel", request.channel}};
    write_text(record, published.dump(2) + "\n");
    summary_["published"] = published;
  }

  // What devices have counted with the shipped model. It judges nothing: a model that has drifted wants a new one.
  void look_at_counters() {
    if (recipe_.nightly.counters.empty() || shipped_.empty()) return;
    std::vector<std::string> files;
    for (const std::string& name : recipe_.nightly.counters)
      files.push_back((fs::path(recipe_.path).parent_path() / name).string());
    const train::DriftRecipe& limits = recipe_.drift;
    const exporter::DriftReport report = train::value_or_throw(
        exporter::drift_of(shipped_, files, {limits.max_psi, limits.max_p_value, limits.min_requests}));
    drift_text_ = exporter::to_json(report) + "\n";
    summary_["drift"] = {{"verdict", exporter::verdict_name(report.verdict)}, {"why", report.why}};
    if (report.verdict == exporter::DriftVerdict::kMoved)
      console_.progress().warn("what devices are asked has moved: " + report.why);
  }

  // The files of the last call, and the summary on stdout.
  ExitCode tell(ExitCode code, const std::string& night) {
    for (const auto& [name, text] : outputs()) {
      if (!name.starts_with("compare.")) write_text(folder_.file(name), text);
    }
    if (!recipe_.nightly.prometheus_file.empty())
      write_text(recipe_.nightly.prometheus_file, train::prometheus_text(summary_));
    Summary summary{{arguments_.files()[0]}, {}, {{"decision", summary_["decision"]}}, {}};
    if (!night.empty()) summary.figures.emplace_back("night", night);
    summary.figures.emplace_back("reason", summary_["reason"]);
    console_.finish(summary, train::chat_line(summary_) + "\n", summary_);
    return code;
  }

  const Arguments& arguments_;
  Console& console_;
  train::Recipe recipe_;
  train::ShippedFolder folder_;
  std::string shipped_;  // the model that is shipped; "": none
  std::uint32_t number_;
  std::string inputs_;
  std::optional<Json> last_;
  std::vector<std::string> dev_shards_;
  std::string model_;
  std::string verdict_, failed_, compare_text_, compare_page_, drift_text_;
  Json summary_;
};

void report_fault(const train::Recipe& recipe, ExitCode code) {
  if (recipe.nightly.prometheus_file.empty()) return;
  const std::string text = train::prometheus_fault(recipe.name, train::utc_time(), static_cast<int>(code));
  [[maybe_unused]] const Status ignored =  // the fault itself matters more
      write_file_atomically(recipe.nightly.prometheus_file, text.data(), text.size());
}

}  // namespace

Options nightly_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("shipped", po::value<std::string>()->value_name("DIR"),
                        "what is shipped, and where its successors go; made if it is absent");
  add_password_options(options);
  return options;
}

ExitCode nightly(const Arguments& arguments, Console& console) {
  if (!arguments.has("shipped")) {
    throw Failure(ExitCode::kUsage,
                  "nightly needs --shipped DIR, the folder that holds what is shipped. Fix: name one; it is made if it "
                  "is absent");
  }
  check_utf8_path(*arguments.text("shipped"));
  NamedRecipe named = named_recipe(arguments, console);
  RecipeFindings findings = find_problems(named, *arguments.text("shipped") + "/night", true);
  throw_if_any(named.recipe().path, findings.problems);
  // Without what its starts decide: the night may begin elsewhere.
  train::RecipeParse parse = train::read_recipe(arguments.only_file("recipe"), arguments.overrides());
  const train::Recipe recipe = parse.recipe;
  try {
    const ExitCode code = Night(arguments, console, recipe, findings.files).run();
    if (code != ExitCode::kOk && code != ExitCode::kGate) report_fault(recipe, code);
    return code;
  } catch (const Failure& failure) {
    report_fault(recipe, failure.code());
    throw;
  }
}

}  // namespace noggin::tool
