#include "export/drift/drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "bytes/hex.h"
#include "export/report/several_tests.h"
#include "format/reader.h"
#include "format/reference_counts.h"
#include "prediction/counts_json.h"

namespace noggin::exporter {
namespace {

constexpr const char* kChiSquare = "chi-square";
constexpr const char* kKolmogorovSmirnov = "Kolmogorov-Smirnov";

std::vector<std::string> probability_bins() {
  std::vector<std::string> names;
  for (int i = 0; i < static_cast<int>(kProbabilityBins); ++i)
    names.push_back(fmt::format("{:.2f} to {:.2f}", i / 20.0, (i + 1) / 20.0));
  return names;
}

std::vector<std::string> token_bins() {
  std::vector<std::string> names;
  std::uint32_t before = 0;
  for (const std::uint32_t most : kMostTokensOfBin) {
    names.push_back(fmt::format("{} to {} tokens", before, most));
    before = most + 1;
  }
  names.push_back(fmt::format("from {} tokens", before));
  return names;
}

std::vector<std::string> unknown_bins() {
  std::vector<std::string> names{"none unknown"};
  for (std::size_t i = 1; i < kUnknownBins; ++i)
    names.push_back(fmt::format("{} to {} % unknown", 10 * (i - 1), 10 * i));
  return names;
}

template <typename Bins>
std::vector<std::uint64_t> as_vector(const Bins& bins) {
  return {bins.begin(), bins.end()};
}

HistogramDrift compared(const char* name, const char* test, std::vector<std::string> bins,
                        std::vector<std::uint64_t> reference, std::vector<std::uint64_t> devices) {
  HistogramDrift drift;
  drift.name = name;
  drift.test = test;
  drift.bins = std::move(bins);
  drift.reference = std::move(reference);
  drift.devices = std::move(devices);
  drift.reference_n = std::reduce(drift.reference.begin(), drift.reference.end());
  drift.devices_n = std::reduce(drift.devices.begin(), drift.devices.end());
  drift.psi = population_stability_index(drift.reference, drift.devices);
  drift.result = test == kChiSquare ? chi_square(drift.reference, drift.devices)
                                    : kolmogorov_smirnov(drift.reference, drift.devices);
  return drift;
}

std::vector<HistogramDrift> compare(const Model& model, const Counts& reference, const Counts& devices) {
  const auto labels = runtime::counted_labels(model);
  std::vector<std::string> answers(labels.begin(), labels.end());
  answers.emplace_back("(no answer)");
  const auto with_unanswered = [](const Counts& counts) {
    std::vector<std::uint64_t> all = counts.answers;
    all.push_back(counts.unanswered);
    return all;
  };
  std::vector<HistogramDrift> all;
  all.push_back(
      compared("answers", kChiSquare, std::move(answers), with_unanswered(reference), with_unanswered(devices)));
  all.push_back(compared("probability", kKolmogorovSmirnov, probability_bins(), as_vector(reference.probability),
                         as_vector(devices.probability)));
  all.push_back(
      compared("length", kKolmogorovSmirnov, token_bins(), as_vector(reference.tokens), as_vector(devices.tokens)));
  all.push_back(compared("unknown words", kKolmogorovSmirnov, unknown_bins(), as_vector(reference.unknown),
                         as_vector(devices.unknown)));
  return all;
}

double share(const std::vector<std::uint64_t>& bins, std::uint64_t n, std::size_t bin) {
  return static_cast<double>(bins[bin]) / static_cast<double>(n);
}

// By its numbers: both must be beyond their limits, so that neither chance nor a large n alone makes a verdict.
void judge(HistogramDrift& drift, const DriftLimits& limits) {
  if (drift.reference_n == 0 || drift.devices_n == 0) {
    drift.why = drift.devices_n == 0 ? "devices have counted none" : "the reference has none";
    return;
  }
  const auto change = [&](std::size_t bin) {
    const double now = share(drift.devices, drift.devices_n, bin),
                 then = share(drift.reference, drift.reference_n, bin);
    return now > then ? now - then : then - now;
  };
  for (std::size_t bin = 1; bin < drift.bins.size(); ++bin)
    if (change(bin) > change(drift.largest)) drift.largest = bin;
  const bool far = drift.psi > limits.max_psi, sure = drift.p_value <= limits.max_p_value;
  drift.verdict = far && sure ? DriftVerdict::kMoved : DriftVerdict::kNotMoved;
  drift.why = fmt::format("PSI {:.3f} {} {:g}, p {:.2g} {} {:g}; \"{}\" went from {:.1f} to {:.1f} %", drift.psi,
                          far ? ">" : "<=", limits.max_psi, drift.p_value, sure ? "<=" : ">", limits.max_p_value,
                          drift.bins[drift.largest], 100.0 * share(drift.reference, drift.reference_n, drift.largest),
                          100.0 * share(drift.devices, drift.devices_n, drift.largest));
}

void judge_all(DriftReport& report, const DriftLimits& limits) {
  std::vector<double> p_values;
  for (const HistogramDrift& drift : report.histograms) p_values.push_back(drift.result.p_value);
  const std::vector<double> corrected = holm(p_values);
  std::string moved;
  for (std::size_t i = 0; i < corrected.size(); ++i) {
    report.histograms[i].p_value = corrected[i];
    judge(report.histograms[i], limits);
    if (report.histograms[i].verdict == DriftVerdict::kMoved)
      moved += (moved.empty() ? "" : ", ") + report.histograms[i].name;
  }
  report.verdict = moved.empty() ? DriftVerdict::kNotMoved : DriftVerdict::kMoved;
  report.why = moved.empty() ? "no histogram is beyond both limits" : "beyond both limits: " + moved;
}

}  // namespace

const char* verdict_name(DriftVerdict verdict) {
  switch (verdict) {
    case DriftVerdict::kNotMoved:
      return "not moved";
    case DriftVerdict::kMoved:
      return "moved";
    case DriftVerdict::kCannotTell:
      break;
  }
  return "cannot tell";
}

DriftReport measure_drift(const Model& model, const Readings& readings, const DriftLimits& limits) {
  DriftReport report;
  report.model_content_hash = model.content_hash();
  report.readings = readings.count;
  report.devices = readings.sum;
  if (model.view().reference.empty()) {
    report.why = "the model's file has no reference counts. Fix: export it again with this version";
    return report;
  }
  const Counts reference = format::counts_of(model.view().reference);
  report.reference_requests = reference.requests;
  report.histograms = compare(model, reference, readings.sum);
  if (readings.sum.requests >= limits.min_requests && reference.requests > 0) {
    judge_all(report, limits);
    return report;
  }
  report.why = reference.requests == 0
                   ? "the reference is of no rows"
                   : fmt::format("{} requests, at least {} are needed", readings.sum.requests, limits.min_requests);
  for (HistogramDrift& drift : report.histograms) drift.why = report.why;
  return report;
}

Result<DriftReport> drift_of(const std::string& model_path, const std::vector<std::string>& counter_files,
                             const DriftLimits& limits) {
  const Result<Model> model = Model::open(model_path);
  if (!model) return model.error();
  const Result<Readings> readings = read_counters(*model, counter_files);
  if (!readings) return readings.error();
  return measure_drift(*model, *readings, limits);
}

}  // namespace noggin::exporter
