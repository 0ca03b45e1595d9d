#include "export/pages/run_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "export/html/table.h"
#include "export/pages/page_parts.h"
#include "export/pages/run_sections.h"
#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

using html::Markup;
using html::notice;
using html::text;
using html::Tone;

Markup verdict_of(const RunRecord& run) {
  std::string failed;
  for (const Json& gate : member(run.certificate, "gates"))
    if (!yes(member(gate, "passed"))) failed += (failed.empty() ? "" : ", ") + string(member(gate, "name"));
  if (!run.file.rejected && failed.empty())
    return notice(Tone::kGood,
                  html::element("b", text("All gates passed.")) + text(" The file is " + run.file.name + "."));
  return notice(Tone::kBad,
                html::element("b", text("It may not ship.")) +
                    text(fmt::format(" Failed: {}. The file is {}.", failed.empty() ? "-" : failed, run.file.name)));
}

Markup stale_notice(const Json& json, const char* file) {
  const Json& stale = member(json, "stale");
  if (stale.is_null()) return {};
  return notice(Tone::kBad, html::element("b", text(fmt::format("{} is out of date: ", file))) +
                                text(string(member(stale, "why")) + ". Run the recipe again."));
}

Markup split_notice(const RunRecord& run) {
  if (string(member(run.results, "split")) == "test") return {};
  return notice(
      Tone::kNote,
      text("Figures are of dev. Phases, thresholds and the best step were chosen on these rows, so they are a little "
           "better than what new texts will see; ") +
          html::element("code", text("noggin run --final")) + text(" measures on test."));
}

}  // namespace

Markup lead_of(const RunRecord& run, const PageOptions& options) {
  Markup lead = text_notice(options, "worst rows, changed answers") + stale_notice(run.results, "results.json") +
                stale_notice(run.certificate, "certificate.json") + verdict_of(run);
  for (const Json& warning : member(run.results, "warnings")) lead += notice(Tone::kBad, text(words(warning)));
  lead += split_notice(run);
  const Json& about = member(run.results, "run");
  const Json& student = student_row(run);
  const auto quality = interval(member(student, quality_key(run)));
  lead += html::facts(
      {{"task", spoken(run.task) + fmt::format(", {} classes", run.file.classes)},
       {spoken(quality_key(run)), fmt::format("{} % (95 % interval), n = {} rows of {}", percent(quality),
                                              words(member(student, "rows")), words(member(run.results, "split")))},
       {"file", fmt::format("{}, {}, content {}", run.file.name, format_bytes(run.file.bytes), run.file.content_hash)},
       {"run", fmt::format("{}, seed {}, noggin {}, {}", words(member(about, "id")), words(member(about, "seed")),
                           words(member(about, "noggin")), words(member(about, "time")))}});
  return lead;
}

std::string run_page(const RunRecord& run, const PageOptions& options) {
  html::Page page(fmt::format("{}: what the run shows", run.name), lead_of(run, options));
  page.add({"data", "What it was trained on", data_section(run)});
  page.add({"teacher", "Teacher and gold", teacher_section(run)});
  page.add({"training", "Training", training_section(run)});
  page.add({"results", "Results", results_section(run)});
  page.add({"figures", "Figures of this task", figures_section(run)});
  page.add({"probabilities", "Do its probabilities hold?", probability_section(run)});
  page.add({"abstaining", "Risk and coverage", abstaining_section(run)});
  page.add({"errors", "Where it errs", errors_section(run, options)});
  page.add({"file", "Bytes and time", file_section(run)});
  page.add({"proof", "Verification", proof_section(run, options)});
  page.add({"missing", "Not run, not measured", missing_section(run)});
  page.add({"environment", "Environment and settings", environment_section(run)});
  return page.document();
}

}  // namespace noggin::exporter
