#include "export/report/text_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace noggin::exporter {
namespace {

// Characters as a terminal shows them: UTF-8 continuation bytes have no width.
std::size_t shown_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], shown_width(row[i]));
  }
  std::string text;
  for (std::size_t r = rows_[0].empty() ? 1 : 0; r < rows_.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < rows_[r].size(); ++i) {
      const std::string padding(widths[i] - shown_width(rows_[r][i]), ' ');
      line += (i == 0 ? "" : "  ") + (i == 0 || left_ ? rows_[r][i] + padding : padding + rows_[r][i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    if (r > 0 || rows_[0].empty()) continue;
    std::size_t total = 2 * (widths.size() - 1);
    for (const std::size_t width : widths) total += width;
    text += std::string(total, '-') + "\n";
  }
  return text;
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  const auto real = static_cast<double>(bytes);
  if (bytes < 1000000) return fmt::format("{:.3g} KB", real / 1e3);
  if (bytes < 1000000000) return fmt::format("{:.2f} MB", real / 1e6);
  return fmt::format("{:.2f} GB", real / 1e9);
}

std::string points(double difference) {
  const std::string text = fmt::format("{:+.2f}", 100.0 * difference);
  return text == "-0.00" || text == "+0.00" ? "0.00" : text;
}

std::string percent(const std::optional<Interval>& interval) {
  if (!interval) return "-";
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", 100.0 * interval->value, 100.0 * interval->low, 100.0 * interval->high);
}

}  // namespace noggin::exporter
