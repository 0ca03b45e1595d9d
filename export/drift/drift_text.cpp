// A drift report as JSON for machines and as a table for people.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bytes/hex.h"
#include "export/drift/drift.h"
#include "export/report/text_table.h"

namespace noggin::exporter {

std::string to_json(const DriftReport& report) {
  nlohmann::ordered_json json{{"model_content_hash", hex(report.model_content_hash)},
                              {"readings", report.readings},
                              {"requests", report.devices.requests},
                              {"unanswered", report.devices.unanswered},
                              {"errors", report.devices.errors},
                              {"reference_requests", report.reference_requests},
                              {"verdict", verdict_name(report.verdict)},
                              {"why", report.why},
                              {"histograms", nlohmann::ordered_json::array()}};
  for (const HistogramDrift& drift : report.histograms) {
    json["histograms"].push_back({{"name", drift.name},
                                  {"verdict", verdict_name(drift.verdict)},
                                  {"why", drift.why},
                                  {"psi", drift.psi},
                                  {"test", drift.test},
                                  {"statistic", drift.result.statistic},
                                  {"degrees", drift.result.degrees},
                                  {"p_value", drift.result.p_value},
                                  {"p_value_corrected", drift.p_value},
                                  {"n", drift.devices_n},
                                  {"reference_n", drift.reference_n},
                                  {"bins", drift.bins},
                                  {"counts", drift.devices},
                                  {"reference", drift.reference}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string to_table(const DriftReport& report) {
  TextTable table({"histogram", "n", "n reference", "PSI", "test", "statistic", "p corrected", "verdict"});
  std::string reasons;
  for (const HistogramDrift& drift : report.histograms) {
    table.add({drift.name, std::to_string(drift.devices_n), std::to_string(drift.reference_n),
               fmt::format("{:.3f}", drift.psi), drift.test, fmt::format("{:.4g}", drift.result.statistic),
               fmt::format("{:.2g}", drift.p_value), verdict_name(drift.verdict)});
    reasons += fmt::format("{}: {}\n", drift.name, drift.why);
  }
  return table.text() + reasons +
         fmt::format("{} requests in {} readings, {} unanswered, {} errors; the reference has {} rows\n{}: {}\n",
                     report.devices.requests, report.readings, report.devices.unanswered, report.devices.errors,
                     report.reference_requests, verdict_name(report.verdict), report.why);
}

}  // namespace noggin::exporter
