// Quality over bytes and over microseconds: what each size and each time buys. As a table, as CSV and as a drawing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "export/report/statistics.h"

namespace noggin::exporter {

struct FrontierPoint {
  std::string name;
  std::string kind;  // "student", "static", "linear": one colour each
  std::uint64_t bytes = 0;
  double microseconds = 0.0;
  Interval quality;
};

struct Frontier {
  std::string title, metric;     // metric: "accuracy"
  std::vector<double> sizes_mb;  // one row of the table each
  std::vector<FrontierPoint> points;
};

// The best point of at most so many bytes, of all or of one kind; of equal ones the smallest. nullptr: there is none.
const FrontierPoint* best_within(const Frontier& frontier, std::uint64_t bytes, const std::string& kind = {});

// Those that no other one beats in quality at no higher cost, the cheapest first.
enum class Cost { kBytes, kTime };
std::vector<FrontierPoint> undominated(const Frontier& frontier, Cost cost);

// Per size the best file, and the best of each kind.
std::string to_markdown(const Frontier& frontier);
// A line per point.
std::string to_csv(const Frontier& frontier);
// One self-contained SVG with both drawings; its colours follow the reader's light or dark theme.
std::string to_svg(const Frontier& frontier);

}  // namespace noggin::exporter
