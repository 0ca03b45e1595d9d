// The tests and intervals of fixed tables against scipy, which oracle.py asks. Skipped, saying so, where it is absent.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "export/compare/paired_tests.h"
#include "export/report/several_tests.h"
#include "export/report/statistics.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/engine_process.h"

namespace noggin::exporter {
namespace {

using json = nlohmann::json;

json mcnemar_cases() {
  json cases = json::array();
  for (const Discordant rows : {Discordant{0, 0}, Discordant{1, 0}, Discordant{8, 2}, Discordant{6, 6},
                                Discordant{25, 40}, Discordant{0, 12}, Discordant{310, 250}, Discordant{1200, 1301}}) {
    const McNemar p = mcnemar(rows);
    cases.push_back({{"kind", "mcnemar"},
                     {"mended", rows.mended},
                     {"broken", rows.broken},
                     {"exact_p", p.exact_p},
                     {"mid_p", p.mid_p}});
  }
  return cases;
}

json equivalence_cases() {
  struct Table {
    Discordant rows;
    std::uint64_t count;
    double margin;
  };
  json cases = json::array();
  for (const Table& table :
       {Table{{3, 5}, 1000, 0.01}, Table{{0, 0}, 300, 0.01}, Table{{20, 34}, 1200, 0.01}, Table{{20, 34}, 1200, 0.03},
        Table{{1, 0}, 40, 0.1}, Table{{0, 9}, 150, 0.05}, Table{{120, 110}, 5000, 0.02}}) {
    const EquivalenceTest test = equivalence_test(table.rows, table.count, table.margin);
    cases.push_back({{"kind", "equivalence"},
                     {"mended", table.rows.mended},
                     {"broken", table.rows.broken},
                     {"rows", table.count},
                     {"margin", table.margin},
                     {"p_above_minus_margin", test.p_above_minus_margin},
                     {"p_below_margin", test.p_below_margin}});
  }
  return cases;
}

json other_tests() {
  json cases = json::array();
  const std::vector<std::vector<std::int64_t>> groups = {
      {3, -1, 2, 2, -4}, {-40}, {1, 1, 1, -1, 1, 1, 1, 1}, {5, -5}, {7, 3, -2, 0, 0, 1, 1, -1, 4, 2, -6}};
  for (const auto& sums : groups) {
    const McNemar p = sign_flip(sums);
    cases.push_back({{"kind", "sign_flip"}, {"sums", sums}, {"exact_p", p.exact_p}, {"mid_p", p.mid_p}});
  }
  for (const auto& [rows, discordant] : {std::pair(500, 0.05), std::pair(1200, 0.03), std::pair(40000, 0.1)}) {
    const double drop = detectable_drop(static_cast<std::uint64_t>(rows), discordant);
    cases.push_back({{"kind", "power"}, {"rows", rows}, {"discordant", discordant}, {"drop", drop}});
  }
  const std::vector<double> p = {0.2, 0.001, 0.04, 0.011, 0.9, 0.04};
  cases.push_back({{"kind", "holm"}, {"p", p}, {"corrected", holm(p)}});
  return cases;
}

// 400 rows, of which the new model breaks some and mends others; groups of ten rows that tend to move together.
json bootstrap_case(const std::string& name, double level, bool grouped) {
  std::vector<double> before, after;
  std::vector<data::RowScore> old_scores, new_scores;
  std::vector<std::uint32_t> groups;
  for (std::uint32_t row = 0; row < 400; ++row) {
    const bool right = row % 7 != 0, moves = (row / 10) % 9 == 0 && row % 3 != 0;
    before.push_back(right ? 1.0 : 0.0);
    after.push_back(right != moves ? 1.0 : 0.0);
    old_scores.push_back({before.back(), 1.0});
    new_scores.push_back({after.back(), 1.0});
    if (grouped) groups.push_back(row / 10);
  }
  const Interval d = bootstrap_drop(new_scores, old_scores, {.resamples = 20000, .level = level, .clusters = groups});
  return {{"kind", "bootstrap"}, {"name", name},     {"level", level}, {"before", before}, {"after", after},
          {"groups", groups},    {"value", d.value}, {"low", d.low},   {"high", d.high}};
}

TEST(Scipy, AgreesOnEveryFixedTable) {
  std::vector<std::string> python;
  for (const char* candidate : {"python3", "/usr/bin/python3"}) {
    const std::vector<std::string> start = {"/usr/bin/env", std::string("PYTHONPATH=") + NOGGIN_SCIPY_WHEELS,
                                            candidate};
    std::vector<std::string> probe = start;
    probe.insert(probe.end(), {"-c", "import scipy.stats"});
    if (python.empty() && test::run_process(probe).exit_code == 0) python = start;
  }
  if (python.empty()) {
    GTEST_SKIP() << "no Python with scipy in " << NOGGIN_SCIPY_WHEELS
                 << ". To run this test: bash configs/build/setup.sh";
  }
  json cases = mcnemar_cases();
  for (const json& more : {equivalence_cases(), other_tests()}) cases.insert(cases.end(), more.begin(), more.end());
  cases.push_back(bootstrap_case("rows, 95 %", 0.95, false));
  cases.push_back(bootstrap_case("rows, 90 %", 0.90, false));
  cases.push_back(bootstrap_case("groups, 95 %", 0.95, true));
  const test::TemporaryFolder folder;
  python.insert(python.end(),
                {NOGGIN_SOURCE_DIR "/tests/export/compare/oracle.py", folder.write("cases.json", cases.dump())});
  const test::ProcessResult judged = test::run_process(python);
  EXPECT_EQ(judged.exit_code, 0) << judged.output << judged.errors;
}

}  // namespace
}  // namespace noggin::exporter
