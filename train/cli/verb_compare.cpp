// Two models on the same rows: what has changed, and whether the new one may replace the old one.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "bytes/atomic_file.h"
#include "export/compare/paired_tests.h"
#include "export/report/text_table.h"
#include "train/cli/compare_stage.h"
#include "train/cli/shell_words.h"
#include "train/cli/stages.h"
#include "train/cli/verbs.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::ExitCode;
using train::Failure;

double margin_of(const std::string& text) {
  double margin = -1.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), margin);
  if (error == std::errc() && end == text.data() + text.size() && margin >= 0.0 && margin <= 1.0) return margin;
  throw Failure(ExitCode::kUsage, "--margin is \"" + text + "\". Fix: a share from 0 to 1; 0.01 is one point");
}

// The recipe's section compare, with what the options say instead.
train::CompareRecipe rules_of(const Arguments& arguments) {
  train::CompareRecipe rules;
  if (const auto path = arguments.text("recipe")) {
    const train::RecipeParse parse = train::read_recipe(*path, arguments.overrides());
    std::string problems;
    for (const auto& problem : parse.problems) {
      problems += fmt::format("{}{}: {}", problems.empty() ? "" : "\n", problem.where, problem.message);
    }
    if (!problems.empty()) throw Failure(ExitCode::kUsage, problems);
    rules = parse.recipe.compare;
  } else {
    arguments.refuse_overrides();
  }
  if (const auto margin = arguments.text("margin")) rules.margin = margin_of(*margin);
  if (arguments.has("by")) rules.by = arguments.list("by");
  rules.group = arguments.text_or("group", rules.group);
  return rules;
}

const std::vector<std::string>& two_files(const Arguments& arguments, const char* what) {
  if (arguments.files().size() != 2) {
    throw Failure(ExitCode::kUsage, fmt::format("compare needs two {}, the old one first; got {}. Fix: noggin compare "
                                                "OLD.nog NEW.nog --data ROWS, or noggin compare --run OLD_RUN NEW_RUN",
                                                what, arguments.files().size()));
  }
  return arguments.files();
}

void refuse_with(const Arguments& arguments, const char* option, const char* other) {
  if (arguments.has(option)) {
    throw Failure(ExitCode::kUsage, fmt::format("--{} does not go with {}. Fix: leave one out", option, other));
  }
}

// The models of two runs, on held-out rows of the new one.
CompareRequest request_of_runs(const Arguments& arguments, const train::CompareRecipe& rules, Console& console) {
  const std::vector<std::string>& folders = two_files(arguments, "run directories");
  CompareRequest request;
  for (std::string* nog : {&request.old_nog, &request.new_nog}) {
    const RunContext context = existing_run(folders[nog == &request.old_nog ? 0 : 1], console);
    *nog = context.run.exports() + "/model.nog";
    context.cache.check_if_recorded(*nog);
    if (nog == &request.old_nog || arguments.has("data")) continue;
    const HeldOut split = held_out_of(arguments.text_or("split", name_of(HeldOut::kDev)));
    request.rows = ingested(context).held_out(split);
    if (rules.by.empty() && rules.group.empty()) continue;
    const auto& sources = split == HeldOut::kDev ? context.recipe.data.dev : context.recipe.data.test;
    if (const std::string file = file_with_fields(sources); !file.empty()) request.rows = {file};
  }
  if (const auto data = arguments.text("data")) {
    refuse_with(arguments, "split", "--data");
    request.rows = {*data};
  }
  return request;
}

CompareRequest request_of(const Arguments& arguments, const train::CompareRecipe& rules, Console& console) {
  if (arguments.has("run")) return request_of_runs(arguments, rules, console);
  refuse_with(arguments, "split", "model files, only with --run");
  const std::vector<std::string>& files = two_files(arguments, "model files");
  const auto data = arguments.text("data");
  if (!data) {
    throw Failure(ExitCode::kUsage,
                  "which rows both models are to answer is not said. Fix: --data FILE with shards, JSON lines or a "
                  "parity.jsonl, or --run with two run directories");
  }
  return {files[0], files[1], {*data}, {}};
}

void check_out(const Arguments& arguments) {
  const auto out = arguments.text("out");
  if (!out) return;
  std::error_code error;
  if (fs::exists(*out, error) && !arguments.has("force")) {
    throw Failure(ExitCode::kOutput, *out + " exists. Fix: another --out, or --force to replace it");
  }
  const fs::path folder = fs::absolute(*out).parent_path();
  if (!fs::is_directory(folder, error)) {
    throw Failure(ExitCode::kOutput, folder.string() + " is not a folder. Fix: create it, or another --out");
  }
}

// How many rows which verdict needs, by how many rows the models differ in.
ExitCode show_rows_needed(double margin, Console& console) {
  if (margin <= 0.0)
    throw Failure(ExitCode::kUsage, "no number of rows shows a difference below 0. Fix: --margin 0.01");
  static constexpr double kDiscordant[] = {0.005, 0.01, 0.02, 0.05, 0.1, 0.2};
  exporter::TextTable table(
      {"rows that only one model has right", "equivalent", "worse, by the margin", "worse, by twice the margin"});
  Json list = Json::array();
  for (const double discordant : kDiscordant) {
    const std::uint64_t equivalent = exporter::rows_for_equivalence(margin, discordant),
                        worse = exporter::rows_for_drop(margin, discordant),
                        twice = exporter::rows_for_drop(2.0 * margin, discordant);
    table.add({fmt::format("{:.1f} %", 100.0 * discordant), train::format_count(equivalent), train::format_count(worse),
               train::format_count(twice)});
    list.push_back({{"discordant", discordant}, {"equivalent", equivalent}, {"worse", worse}, {"twice_as_bad", twice}});
  }
  const std::string text = fmt::format("Rows for a margin of {:.2f} points, with 80 % power at 5 %\n", 100.0 * margin);
  console.finish({}, text + table.text(), {{"margin", margin}, {"rows_needed", list}});
  return ExitCode::kOk;
}

}  // namespace

Options compare_options() {
  namespace po = boost::program_options;
  const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  Options options("Options");
  options.add_options()("data", text("ROWS"),
                        "rows for both: a shard, a folder of shards (of a run: dev), JSON lines, "
                        "parity.jsonl")(
      "run",
      "the arguments are run directories: their exported models, on dev of the new one (with --by or --group on the "
      "file of JSON lines that it was read from)")("split", text("NAME"), "with --run: dev (the default) or test")(
      "by", po::value<std::vector<std::string>>()->value_name("FIELD"),
      "also count changes by this field of JSON rows; may be given several times")(
      "group", text("FIELD"), "rows with an equal field (template, document, user) are resampled together")(
      "margin", text("X"), "a difference below X of the primary measure is none (default 0.01: one point)")(
      "recipe", text("RECIPE"), "defaults for the above, and which verdicts are accepted (section compare)")(
      "out", text("FILE"), "also write the JSON there")("force", "replace the file of --out")(
      "rows-needed", "only print how many rows which verdict needs, for --margin");
  return options;
}

ExitCode compare(const Arguments& arguments, Console& console) {
  const train::CompareRecipe rules = rules_of(arguments);
  if (arguments.has("rows-needed")) return show_rows_needed(rules.margin, console);
  check_out(arguments);
  CompareRequest request = request_of(arguments, rules, console);
  request.rules = rules;
  const exporter::Comparison comparison = compare_models(request, console.progress());
  const Json json = comparison_json(comparison, rules);
  const bool accept = accepted(comparison, rules);
  Summary summary;
  summary.inputs = {request.old_nog, request.new_nog};
  summary.inputs.insert(summary.inputs.end(), comparison.row_files.begin(), comparison.row_files.end());
  if (const auto out = arguments.text("out")) {
    const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    train::throw_unless_written(write_file_atomically(*out, text.data(), text.size()));
    summary.outputs = {*out};
  }
  summary.figures = {{"verdict", fmt::format("{}: {}", exporter::name_of(comparison.verdict),
                                             accept ? "accepted" : "not accepted (compare.accept)")}};
  if (accept) summary.next = shell_command({"noggin-run", request.new_nog, "--self-test"});
  console.finish(summary, exporter::to_text(comparison), json);
  return accept ? ExitCode::kOk : ExitCode::kGate;
}

}  // namespace noggin::tool
