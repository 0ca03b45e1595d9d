// One page for people: of a finished run, or of a comparison of two models.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "bytes/atomic_file.h"
#include "export/pages/compare_page.h"
#include "train/cli/run_report.h"
#include "train/cli/verbs.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::ExitCode;

constexpr std::string_view kFirstLine = "<!DOCTYPE html>";  // of every page of ours

// A page may replace an earlier one, and nothing else.
void check_replaceable(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return;
  std::string first(kFirstLine.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  if (fs::is_regular_file(path, error) && file.read(first.data(), static_cast<std::streamsize>(first.size())) &&
      first == kFirstLine)
    return;
  throw train::Failure(ExitCode::kOutput, path + " exists and is no report. Fix: name another file with --out");
}

void write_page(const std::string& path, const std::string& page) {
  check_replaceable(path);
  train::throw_unless_written(write_file_atomically(path, page.data(), page.size()));
}

ExitCode report_of_run(const std::string& folder, const Arguments& arguments, const exporter::PageOptions& options,
                       Console& console) {
  if (const auto out = arguments.text("out")) {  // the run itself is only read
    write_page(*out, exporter::run_page(run_record(existing_run(folder, console)), options));
    console.finish({{folder}, {*out}, {}, ""}, "", {{"report", *out}});
    return ExitCode::kOk;
  }
  RunContext context = existing_run_to_write(folder, console, "report");
  const RunReport report = report_stage(context, options);
  if (!report.written) console.progress().note("report: unchanged, skipped");
  console.finish({{folder}, {report.page, report.card}, {}, ""}, "", {{"report", report.page}, {"card", report.card}});
  return ExitCode::kOk;
}

ExitCode report_of_comparison(const std::string& path, const Arguments& arguments, const exporter::PageOptions& options,
                              Console& console) {
  const Result<std::string> page = exporter::compare_page(json_of_file(path), options);
  if (!page) throw train::Failure(ExitCode::kBadData, path + " " + page.error().message);
  const std::string out = arguments.text_or("out", fs::path(path).replace_extension(".html").string());
  write_page(out, *page);
  console.finish({{path}, {out}, {}, ""}, "", {{"report", out}});
  return ExitCode::kOk;
}

}  // namespace

Options report_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("out", po::value<std::string>()->value_name("FILE"),
                        "where to write the page (default: report.html in the run; NAME.html beside NAME.json)")(
      "without-texts", "quote no text of any row, for readers who may not see the data");
  return options;
}

ExitCode report(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  const std::string path = arguments.only_file("run directory or output of `noggin compare --json`");
  const exporter::PageOptions options{.texts = !arguments.has("without-texts")};
  std::error_code error;
  if (fs::is_directory(path, error)) return report_of_run(path, arguments, options, console);
  return report_of_comparison(path, arguments, options, console);
}

}  // namespace noggin::tool
