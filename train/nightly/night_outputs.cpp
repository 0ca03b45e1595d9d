#include "train/nightly/night_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <sstream>

#include "bytes/foreign_text.h"
#include "export/html/markup.h"

namespace noggin::train {
namespace {

// A label's value: backslash, quote and line feed are escaped (Prometheus, "Text format details").
std::string label_value(const std::string& text) {
  std::string escaped;
  for (const char c : printable(text)) {
    if (c == '\\' || c == '"' || c == '\n') escaped += '\\';
    escaped += c == '\n' ? 'n' : c;
  }
  return escaped;
}

class Metrics {
 public:
  explicit Metrics(const std::string& recipe) : labels_(fmt::format("recipe=\"{}\"", label_value(recipe))) {}

  void gauge(const std::string& name, const std::string& help, double value) {
    text_ += fmt::format("# HELP noggin_nightly_{0} {1}\n# TYPE noggin_nightly_{0} gauge\n", name, help);
    text_ += fmt::format("noggin_nightly_{}{{{}}} {:.12g}\n", name, labels_, value);
  }
  // Only where the summary has this number.
  void gauge(const std::string& name, const std::string& help, const Json& value) {
    if (value.is_number()) gauge(name, help, value.get<double>());
  }
  std::string text() const { return text_; }

 private:
  std::string labels_, text_;
};

double unix_seconds(const std::string& time) {
  std::tm parts{};
  std::istringstream in(time);
  in >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%SZ");
  return in.fail() ? 0.0 : static_cast<double>(timegm(&parts));
}

Json at(const Json& object, const char* outer, const char* inner) {
  return object.contains(outer) && object[outer].is_object() ? object[outer].value(inner, Json()) : Json();
}

void add_end(Metrics& metrics, const std::string& time, int exit_code) {
  metrics.gauge("last_run_timestamp_seconds", "When the last call ended.", unix_seconds(time));
  metrics.gauge("exit_code", "Its exit code: 0 shipped or nothing new, 5 held back, else a fault.",
                static_cast<double>(exit_code));
}

}  // namespace

std::string prometheus_text(const Json& summary) {
  Metrics metrics(summary.value("recipe", ""));
  add_end(metrics, summary.value("time", ""), summary.value("exit_code", 1));
  metrics.gauge("shipped", "1: the last call shipped a model.", summary.value("decision", "") == "shipped" ? 1.0 : 0.0);
  metrics.gauge("night", "Number of the last finished night.", summary.value("night", Json()));
  metrics.gauge("duration_seconds", "How long the last call took.", summary.value("seconds", Json()));
  metrics.gauge("train_rows", "Training rows.", at(summary, "rows", "train"));
  metrics.gauge("new_train_rows", "Training rows that the night before did not have.", at(summary, "rows", "new"));
  metrics.gauge("quality", "Primary metric of the new model on dev.", at(summary, "quality", "new"));
  metrics.gauge("shipped_quality", "Primary metric of the model that was shipped, on the same rows.",
                at(summary, "quality", "shipped"));
  metrics.gauge("mended_answers", "Rows that only the new model answers right.", summary.value("mended", Json()));
  metrics.gauge("broken_answers", "Rows that only the shipped model answers right.", summary.value("broken", Json()));
  if (const Json drift = at(summary, "drift", "verdict"); drift.is_string())
    metrics.gauge("drift", "1: what devices are asked or answer has moved.", drift == "moved" ? 1.0 : 0.0);
  metrics.gauge("model_bytes", "Size of the new model.", at(summary, "model", "bytes"));
  return metrics.text();
}

std::string prometheus_fault(const std::string& recipe, const std::string& time, int exit_code) {
  Metrics metrics(recipe);
  add_end(metrics, time, exit_code);
  return metrics.text();
}

std::string junit_text(const Json& summary) {
  const Json checks = summary.value("checks", Json::array());
  std::size_t failures = 0;
  std::string cases;
  for (const Json& check : checks) {
    const std::string name = html::escaped(check.value("name", "")), detail = html::escaped(check.value("detail", ""));
    const bool passed = check.value("passed", false);
    failures += passed ? 0 : 1;
    cases += fmt::format("  <testcase classname=\"noggin.nightly\" name=\"{}\">\n", name);
    cases += passed ? fmt::format("    <system-out>{}</system-out>\n", detail)
                    : fmt::format("    <failure message=\"{}\"/>\n", detail);
    cases += "  </testcase>\n";
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"noggin nightly {}\" tests=\"{}\" failures=\"{}\" errors=\"0\" timestamp=\"{}\" "
      "time=\"{:.1f}\">\n{}</testsuite>\n",
      html::escaped(summary.value("recipe", "")), checks.size(), failures, html::escaped(summary.value("time", "")),
      summary.value("seconds", 0.0), cases);
}

std::string chat_line(const Json& summary) {
  std::string line = fmt::format("{}: {}", summary.value("recipe", ""), summary.value("decision", ""));
  if (summary.contains("night")) line += fmt::format(", night {}", summary["night"].get<std::uint64_t>());
  const Json now = at(summary, "quality", "new"), before = at(summary, "quality", "shipped");
  if (now.is_number()) {
    line += fmt::format(", {} {:.2f} %", summary.value("metric", "quality"), 100.0 * now.get<double>());
    if (before.is_number()) line += fmt::format(" (shipped: {:.2f} %)", 100.0 * before.get<double>());
  }
  if (summary.contains("mended") && summary.contains("broken")) {
    line += fmt::format(", {} mended, {} broken", summary["mended"].get<std::uint64_t>(),
                        summary["broken"].get<std::uint64_t>());
  }
  line = printable(line + ". " + summary.value("reason", ""));
  std::ranges::replace(line, '\n', ' ');
  return line;
}

}  // namespace noggin::train
