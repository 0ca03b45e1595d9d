// Rows of cells as aligned text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "export/report/statistics.h"

namespace noggin::exporter {

class TextTable {
 public:
  // The first column is left-aligned, the others right-aligned unless `left` is set.
  explicit TextTable(std::vector<std::string> header, bool left = false) : left_(left), rows_{std::move(header)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  // Header, a rule, the rows; every line ends with a newline. An empty header leaves header and rule out.
  std::string text() const;

 private:
  bool left_;
  std::vector<std::vector<std::string>> rows_;
};

// "2.94 MB", "12 KB", "512 B" (powers of 1000)
std::string format_bytes(std::uint64_t bytes);

// A difference of two shares in points: "+0.91", "-12.00", "0.00" (never "-0.00").
std::string points(double difference);

// "95.00 [93.75, 96.17]", in percent; "-" for none.
std::string percent(const std::optional<Interval>& interval);

}  // namespace noggin::exporter
