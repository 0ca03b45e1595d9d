// The statistics of drift, on fixed tables: by hand where that is possible, and against SciPy.
#include "export/report/histogram_tests.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "export/report/several_tests.h"
#include "tests/support/engine_process.h"

namespace noggin::exporter {
namespace {

using Bins = std::vector<std::uint64_t>;

TEST(HistogramTests, StabilityIndexByHand) {
  const Bins a{30, 70}, b{50, 50};
  const double p = 30.5 / 101.0, q = 50.5 / 101.0;
  EXPECT_NEAR(population_stability_index(a, b), (p - q) * std::log(p / q) + (q - p) * std::log((1 - p) / (1 - q)),
              1e-12);
  EXPECT_EQ(population_stability_index(a, a), 0.0);
  EXPECT_EQ(population_stability_index(Bins{30, 0, 70, 0}, Bins{50, 0, 50, 0}), population_stability_index(a, b));
  EXPECT_TRUE(std::isfinite(population_stability_index(Bins{0, 10}, Bins{10, 0})));
  EXPECT_EQ(population_stability_index(Bins{0, 0}, b), 0.0);
}

TEST(HistogramTests, ChiSquareByHand) {
  // 2 x 2 with n = 100 each: (ad - bc)^2 N / (row and column sums).
  const TestResult result = plain_chi_square(Bins{30, 70}, Bins{50, 50});
  EXPECT_NEAR(result.statistic, std::pow(30.0 * 50 - 70.0 * 50, 2) * 200 / (100.0 * 100 * 80 * 120), 1e-12);
  EXPECT_EQ(result.degrees, 1U);
  EXPECT_EQ(plain_chi_square(Bins{5, 0}, Bins{7, 0}).p_value, 1.0);  // nothing to compare
  EXPECT_EQ(plain_chi_square(Bins{0, 0}, Bins{7, 1}).p_value, 1.0);
}

TEST(HistogramTests, RareBinsAreTakenTogether) {
  const Bins a{100, 100, 1, 2, 0, 3}, b{100, 100, 2, 0, 4, 1};
  const TestResult pooled = chi_square(a, b), by_hand = plain_chi_square(Bins{100, 100, 6}, Bins{100, 100, 7});
  EXPECT_EQ(pooled.degrees, 2U);
  EXPECT_NEAR(pooled.statistic, by_hand.statistic, 1e-12);
}

TEST(HistogramTests, KolmogorovSmirnovByHand) {
  const TestResult result = kolmogorov_smirnov(Bins{10, 0, 30}, Bins{10, 20, 10});
  EXPECT_NEAR(result.statistic, 0.5, 1e-15);  // after the second bin: 0.25 and 0.75
  EXPECT_EQ(kolmogorov_smirnov(Bins{1, 2}, Bins{2, 4}).p_value, 1.0);
  EXPECT_EQ(kolmogorov_smirnov(Bins{0, 0}, Bins{2, 4}).p_value, 1.0);
}

TEST(HistogramTests, HolmByHand) {
  const std::vector<double> corrected = holm(std::vector<double>{0.01, 0.04, 0.03, 0.9});
  EXPECT_NEAR(corrected[0], 0.04, 1e-15);
  EXPECT_NEAR(corrected[2], 0.09, 1e-15);
  EXPECT_NEAR(corrected[1], 0.09, 1e-15);  // 2 * 0.04, but not below the one before it
  EXPECT_NEAR(corrected[3], 0.9, 1e-15);
}

// What SciPy says, by JSON on its standard output; discarded where no Python here can load it.
nlohmann::json scipy(const std::string& script) {
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    const test::ProcessResult result =
        test::run_process({"/usr/bin/env", std::string("PYTHONPATH=") + NOGGIN_SCIPY_WHEELS, python, "-c", script}, {});
    if (result.exit_code == 0) return nlohmann::json::parse(result.output, nullptr, false);
  }
  return nlohmann::json::parse("", nullptr, false);
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)) + 1e-300; }

TEST(HistogramTests, AgreeWithSciPy) {
  const nlohmann::json expected = scipy(R"(
import json
import numpy as np
from scipy import special, stats
tables = [([30, 70], [50, 50]), ([120, 30, 7, 900, 44], [100, 41, 22, 870, 60]), ([5, 5, 5], [500, 400, 600]),
          ([1000, 2000, 3000, 4000], [1100, 1900, 3200, 3800])]
out = {"chi": [], "ks": [], "tails": []}
for a, b in tables:
    r = stats.chi2_contingency(np.array([a, b]), correction=False)
    out["chi"].append([r.statistic, r.pvalue, int(r.dof)])
    x, y = np.repeat(np.arange(len(a)), a), np.repeat(np.arange(len(b)), b)
    d = stats.ks_2samp(x, y).statistic
    n, m = len(x), len(y)
    out["ks"].append([d, special.kolmogorov(d * np.sqrt(n * m / (n + m)))])
for x, k in [(0.1, 1), (3.84, 1), (40.0, 1), (10.0, 20), (150.0, 150), (400.0, 150), (900.0, 20)]:
    out["tails"].append([x, k, stats.chi2.sf(x, k)])
out["kolmogorov"] = [[x, special.kolmogorov(x)] for x in (0.2, 0.5, 0.83, 0.99, 1.0, 1.36, 2.5, 5.0)]
print(json.dumps(out))
)");
  if (expected.is_discarded())
    GTEST_SKIP() << "no Python that loads SciPy from " << NOGGIN_SCIPY_WHEELS
                 << ". To run this test: bash configs/build/setup.sh";
  const std::vector<std::pair<Bins, Bins>> tables = {{{30, 70}, {50, 50}},
                                                     {{120, 30, 7, 900, 44}, {100, 41, 22, 870, 60}},
                                                     {{5, 5, 5}, {500, 400, 600}},
                                                     {{1000, 2000, 3000, 4000}, {1100, 1900, 3200, 3800}}};
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto& [a, b] = tables[i];
    const TestResult chi = plain_chi_square(a, b), ks = kolmogorov_smirnov(a, b);
    EXPECT_TRUE(close(chi.statistic, expected["chi"][i][0])) << i;
    EXPECT_TRUE(close(chi.p_value, expected["chi"][i][1])) << i << " " << chi.p_value << " " << expected["chi"][i][1];
    EXPECT_EQ(chi.degrees, expected["chi"][i][2].get<std::size_t>());
    EXPECT_TRUE(close(ks.statistic, expected["ks"][i][0])) << i;
    EXPECT_TRUE(close(ks.p_value, expected["ks"][i][1])) << i;
  }
  for (const auto& row : expected["tails"]) {
    const double found = chi_square_tail(row[0], row[1]);
    EXPECT_TRUE(close(found, row[2])) << row << " " << found;
  }
  for (const auto& row : expected["kolmogorov"]) EXPECT_TRUE(close(kolmogorov_tail(row[0]), row[1])) << row;
}

}  // namespace
}  // namespace noggin::exporter
