#include "export/compare/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "export/compare/measures.h"
#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

// Fewer units (rows, groups) that differ cannot show anything at 5 %: with five of five on one side the sign test is
// at 6 %. A bootstrap of so few would.
constexpr std::size_t kFewestUnits = 6;

// Rows or groups, and those of them whose parts of the primary measure differ.
struct Units {
  std::size_t all = 0, differing = 0;
};

Units units_of(const CompareInput& input, const JudgedRows& judged) {
  std::set<std::uint32_t> all, differing;
  for (const std::uint32_t row : judged.gold) {
    const std::uint32_t unit = input.groups.empty() ? row : input.groups[row];
    all.insert(unit);
    const data::RowScore &before = judged.score_before[row], &after = judged.score_after[row];
    if (before.right != after.right || before.of != after.of) differing.insert(unit);
  }
  return {all.size(), differing.size()};
}

// Each row adds 0 or 1 to the primary measure: exact tests are for that.
bool is_share_of_rows(const spec::TaskTraits& task) {
  return task.is_classification() || task.is_number() || task.has_target;
}

// Of these units, the largest share that can differ though none was seen to.
double unseen_share(std::size_t units) { return 1.0 - std::pow(kSignificance, 1.0 / static_cast<double>(units)); }

void test_equivalence(const CompareInput& input, const Units& units, Comparison& c) {
  if (is_share_of_rows(input.reader.traits()) && input.groups.empty()) {
    c.equivalence = equivalence_test(c.paired.discordant, c.paired.rows, c.margin);
    c.equivalent = c.equivalence->p() <= kSignificance;
    c.equivalence_by = "two one-sided score tests for paired shares (Tango 1998), each at 5 %";
    return;
  }
  const std::uint64_t needed = units_for_margin(c.margin);
  const bool inside = c.primary_90.low > -c.margin && c.primary_90.high < c.margin;
  c.equivalent = inside && units.all >= needed;
  c.equivalence_by =
      fmt::format("the 90 % paired bootstrap interval over {} within the margin, of at least {} {}",
                  input.groups.empty() ? "rows" : "groups", c.margin > 0.0 ? std::to_string(needed) : "any number of",
                  input.groups.empty() ? "rows" : "groups");
}

// Whether there is a difference at all, at 5 %.
bool test_difference(const CompareInput& input, const Units& units, Comparison& c) {
  if (is_share_of_rows(input.reader.traits())) {
    c.primary_p = c.mcnemar.mid_p;
    c.primary_test = input.groups.empty() ? "McNemar's exact test, mid-p"
                                          : "exact randomization test over groups (signs of their sums), mid-p";
    return c.primary_p <= kSignificance;
  }
  c.primary_p = std::numeric_limits<double>::quiet_NaN();
  c.primary_test = fmt::format("95 % paired bootstrap interval over {}", input.groups.empty() ? "rows" : "groups");
  const Interval& interval = c.measures[0].difference;
  return units.differing >= kFewestUnits && (interval.low > 0.0 || interval.high < 0.0);
}

double detectable(const CompareInput& input, const Units& units, const Comparison& c) {
  if (is_share_of_rows(input.reader.traits()) && input.groups.empty()) {
    const double seen = static_cast<double>(c.paired.discordant.sum()) / static_cast<double>(c.paired.rows);
    return detectable_drop(c.paired.rows, seen > 0.0 ? seen : unseen_share(units.all));
  }
  const Interval& interval = c.measures[0].difference;
  const double z95 = normal_quantile(0.975), standard_error = (interval.high - interval.low) / (2.0 * z95);
  if (standard_error == 0.0) return unseen_share(units.all);
  return std::min(1.0, (z95 + normal_quantile(0.8)) * standard_error);
}

std::string measured_on(const CompareInput& input, const Units& units, const Comparison& c) {
  if (input.groups.empty()) return fmt::format("{} rows", c.paired.rows);
  return fmt::format("{} rows in {} groups", c.paired.rows, units.all);
}

std::string p_text(double p) { return p < 0.001 ? "p < 0.001" : fmt::format("p {:.3f}", p); }

std::string because(const CompareInput& input, const Units& units, const Comparison& c, bool differs) {
  const MeasureDifference& primary = c.measures[0];
  const Interval& d = primary.difference;
  const std::string interval = fmt::format("[{}, {}]", points(d.low), points(d.high));
  const std::string seen = fmt::format("{} differs by {} points {} on {}", primary.name, points(d.value), interval,
                                       measured_on(input, units, c));
  const std::string counts =
      fmt::format("{} mended, {} broken", c.paired.discordant.mended, c.paired.discordant.broken);
  const std::string test = std::isnan(c.primary_p) ? "the 95 % interval excludes 0" : p_text(c.primary_p);
  if (c.verdict == Verdict::kEquivalent) {
    return fmt::format("{} ({}): less than the margin of {:.2f} points{}", seen, counts, 100.0 * c.margin,
                       differs ? ", though there is a difference (" + test + ")" : "");
  }
  if (c.verdict != Verdict::kCannotTell) {
    return fmt::format("{} is {:.2f} points {} {} on {} ({}, {})", primary.name, 100.0 * std::abs(d.value),
                       c.verdict == Verdict::kBetter ? "higher" : "lower", interval, measured_on(input, units, c),
                       counts, test);
  }
  return fmt::format(
      "{} ({}): that shows neither a difference nor that it is below the margin of {:.2f} points; a drop "
      "of less than {:.2f} points would mostly not show on so few rows",
      seen, counts, 100.0 * c.margin, 100.0 * c.detectable);
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kBetter:
      return "better";
    case Verdict::kEquivalent:
      return "equivalent";
    case Verdict::kWorse:
      return "worse";
    case Verdict::kCannotTell:
      break;
  }
  return "cannot tell";
}

void decide(const CompareInput& input, const JudgedRows& judged, Comparison& c) {
  c.margin = input.margin;
  if (!c.measures.empty()) {
    const Units units = units_of(input, judged);
    c.mcnemar = paired_test(input, judged, judged.gold);
    c.primary_90 = primary_difference(input, judged, 0.90);
    test_equivalence(input, units, c);
    const bool differs = test_difference(input, units, c);
    c.detectable = detectable(input, units, c);
    if (c.equivalent) {
      c.verdict = Verdict::kEquivalent;
    } else if (differs) {
      c.verdict = c.measures[0].difference.value > 0.0 ? Verdict::kBetter : Verdict::kWorse;
    }
    c.because = because(input, units, c, differs);
  } else {
    c.because = "no row has a gold answer, so neither model can be called right";
  }
  if (!input.same_file) return;
  c.verdict = Verdict::kEquivalent;
  c.because = "both files are the same model, byte for byte";
}

}  // namespace noggin::exporter
