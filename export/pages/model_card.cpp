#include "export/pages/model_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "bytes/foreign_text.h"
#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

constexpr const char* kNotStated = "not stated";

std::string stated(const std::string& text) { return text.empty() ? kNotStated : markdown_text(text); }

// The hub's name for what the model does.
const char* pipeline_tag(const RunRecord& run) {
  return run.task == "tag" || run.task == "edit" ? "token-classification" : "text-classification";
}

// "en, de" -> each.
std::vector<std::string> languages(const std::string& list) {
  std::vector<std::string> found(1);
  for (const char c : list) {
    const bool separates = c == ',' || c == ' ' || c == ';';
    if (separates && !found.back().empty()) found.emplace_back();
    if (!separates) found.back() += c;
  }
  if (found.back().empty()) found.pop_back();
  return found;
}

std::string front_matter(const RunRecord& run) {
  const std::string split = string(member(run.results, "split"));
  std::string yaml = "---\n";
  if (!run.card.license.empty()) yaml += "license: " + yaml_quoted(run.card.license) + "\n";
  if (const auto all = languages(run.card.language); !all.empty()) {
    yaml += "language:\n";
    for (const std::string& language : all) yaml += "- " + yaml_quoted(language) + "\n";
  }
  yaml += fmt::format("library_name: noggin\npipeline_tag: {}\ntags:\n- noggin\n- on-device\n- distillation\n- {}\n",
                      pipeline_tag(run), yaml_quoted(run.task));
  yaml += fmt::format(
      "model-index:\n- name: {}\n  results:\n  - task:\n      type: {}\n    dataset:\n      name: {}\n      "
      "type: private\n      split: {}\n    metrics:\n",
      yaml_quoted(run.name), pipeline_tag(run), yaml_quoted(run.name + ", held-out rows"), yaml_quoted(split));
  for (const auto& [name, measured] : student_measures(run))
    yaml += fmt::format(
        "    - type: {0}\n      name: {1}\n      value: {2:.6f}\n      args:\n        n: {3}\n        low_95: "
        "{4:.6f}\n        high_95: {5:.6f}\n",
        yaml_quoted(name), yaml_quoted(spoken(name)), measured.value, rows_of(run, name), measured.low, measured.high);
  return yaml + "---\n";
}

std::string figures_table(const RunRecord& run) {
  std::string text =
      fmt::format("On {} of n = {} rows with gold, one seed of training; 95 % bootstrap intervals over rows.\n\n",
                  string(member(run.results, "split")), run.measured.rows_with_gold);
  text += "| model | quality % | n | size | latency |\n|---|---|---|---|---|\n";
  for (const Json& row : member(run.results, "targets")) {
    const std::uint64_t bytes = count(member(row, "size_bytes"));
    const auto microseconds = number(member(row, "latency_us"));
    const std::string note = string(member(row, "note"));
    text += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_text(string(member(row, "name"))),
                        note.empty() ? percent(interval(member(row, quality_key(run)))) : markdown_text(note),
                        words(member(row, "rows")), bytes > 0 ? format_bytes(bytes) : "-",
                        microseconds ? fmt::format("{:.1f} us", *microseconds) : "-");
  }
  text += fmt::format("\nQuality is {}.", markdown_text(spoken(quality_key(run))));
  for (const auto& [name, measured] : student_measures(run))
    if (name != quality_key(run))
      text += fmt::format(" {}: {} % (n = {}).", markdown_text(spoken(name)), percent(measured), rows_of(run, name));
  return text + "\n";
}

std::string limits_of(const RunRecord& run) {
  std::string text = stated(run.card.limits) + "\n\n";
  text += fmt::format("- It knows {} classes and no other answer", run.file.classes);
  if (run.measured.stored)
    text += fmt::format("; below a probability of {:.4f} it abstains, which is {:.2f} % of the measured rows",
                        run.measured.stored->abstain_below, 100.0 * (1.0 - run.measured.stored->coverage()));
  text += fmt::format(".\n- Texts are cut, or read in windows, at {} tokens.\n", run.file.max_tokens);
  if (string(member(run.results, "split")) != "test")
    text += "- Its figures are of dev rows, on which choices were made; they are not measured on test.\n";
  for (const Json& warning : member(run.results, "warnings")) text += "- " + markdown_text(words(warning)) + ".\n";
  for (const Json& target : member(run.certificate, "targets"))
    if (!yes(member(target, "ran")))
      text += fmt::format("- {}: not run, {}.\n", markdown_text(string(member(target, "name"))),
                          markdown_text(words(member(target, "why_not"))));
  return text;
}

std::string training_data(const RunRecord& run) {
  std::string text = stated(run.card.data_source) +
                     "\n\n| split | rows | refused lines | with gold | with teacher |\n|---|---|---|---|---|\n";
  for (const Json& split : member(run.ingest, "splits"))
    text += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_text(string(member(split, "name"))),
                        words(member(split, "accepted")), words(member(split, "rejected")),
                        words(member(split, "with_label")), words(member(split, "with_teacher")));
  return text;
}

std::string verification_of(const RunRecord& run) {
  const Json& subject = member(run.certificate, "subject");
  const std::string parity = string(member(subject, {"parity", "file"}));
  std::string text = fmt::format(
      "The content hash of `{0}` is `{1}`. On the device, without anything but the runtime:\n\n```\nnoggin-run {0} "
      "--info\n"
      "noggin-run {0} --self-test\n",
      run.file.name, run.file.content_hash);
  if (!parity.empty()) text += fmt::format("noggin-run {} --verify {}\n", run.file.name, parity);
  text += "```\n\n`--self-test` recomputes the golden vectors in the file, bit by bit.";
  if (!parity.empty())
    text += fmt::format(
        " `--verify` compares every held-out row with the trainer's logits; `{}` has the XXH3-64 `{}`, and holds "
        "texts of rows.",
        parity, string(member(subject, {"parity", "xxh3"})));
  return text + " `certificate.json` names the hashes of everything that was verified.\n";
}

}  // namespace

std::string yaml_quoted(std::string_view text) {
  return Json(printable(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string markdown_text(std::string_view text) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '\n' || c == '\t') {
      safe += ' ';
    } else if (c == '<' || c == '>' || c == '&') {
      safe += c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#+!|~$").find(c) != std::string_view::npos) safe += '\\';
      safe += c;
    }
  }
  return safe;
}

std::string model_card(const RunRecord& run) {
  std::string card = front_matter(run) + "\n# " + markdown_text(run.name) + "\n\n";
  if (run.file.rejected) card += "**It failed its gates: it may not ship.**\n\n";
  card += stated(run.card.description) + "\n";
  card += "\n## Intended use\n\n" + stated(run.card.intended_use) + "\n";
  card += "\n## Data\n\n" + training_data(run);
  card += "\n## Licence and the teacher's terms\n\n";
  card += "- Licence of the model: " + stated(run.card.license) + "\n- Teacher: " + stated(run.card.teacher) +
          "\n- Whether its terms permit training on its answers: " + stated(run.card.teacher_terms) + "\n";
  card += "\n## Figures\n\n" + figures_table(run);
  card += "\n## Limits\n\n" + limits_of(run);
  card += "\n## How to verify\n\n" + verification_of(run);
  return card;
}

}  // namespace noggin::exporter
