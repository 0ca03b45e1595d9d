#include "export/html/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace noggin::html {
namespace {

Attributes alignment(const Column& column) { return column.number ? Attributes{{"class", "number"}} : Attributes{}; }

Markup scrolling(const Markup& table) { return element("div", {{"class", "wide"}}, table); }

}  // namespace

void Table::add(std::vector<Markup> cells, bool emphasis) {
  Markup row;
  for (std::size_t i = 0; i < cells.size(); ++i) row += element("td", alignment(columns_.at(i)), cells[i]);
  rows_ += element("tr", emphasis ? Attributes{{"class", "chosen"}} : Attributes{}, row);
}

void Table::add_texts(const std::vector<std::string>& cells, bool emphasis) {
  std::vector<Markup> marked;
  for (const std::string& cell : cells) marked.push_back(text(cell));
  add(std::move(marked), emphasis);
}

Markup Table::markup() const {
  Markup header;
  for (const Column& column : columns_) header += element("th", alignment(column), text(column.title));
  return scrolling(element("table", element("thead", element("tr", header)) + element("tbody", rows_)));
}

Markup facts(const std::vector<std::pair<std::string, std::string>>& values) {
  Markup rows;
  for (const auto& [name, value] : values)
    rows += element("tr", element("th", text(name)) + element("td", text(value)));
  return rows.empty() ? rows : scrolling(element("table", {{"class", "facts"}}, element("tbody", rows)));
}

Markup bar(double share, int kind) {
  return element(
      "svg", {{"class", "bar"}, {"viewBox", "0 0 100 10"}, {"preserveAspectRatio", "none"}, {"aria-hidden", "true"}},
      leaf("rect", {{"class", fmt::format("fill{}", kind)},
                    {"width", fmt::format("{:.2f}", 100.0 * std::clamp(share, 0.0, 1.0))},
                    {"height", "10"}}));
}

Markup heat_table(const HeatTable& table) {
  Markup header = element("th", text(table.corner));
  for (std::size_t i = 0; i < table.names.size(); ++i)
    header += element("th", {{"class", "number"}, {"title", table.names[i]}}, text(fmt::format("{}", i + 1)));
  Markup rows;
  for (std::size_t i = 0; i < table.names.size(); ++i) {
    const std::vector<std::uint64_t>& counts = table.counts[i];
    const auto whole = static_cast<double>(std::reduce(counts.begin(), counts.end()));
    Markup cells = element("th", text(fmt::format("{} {}", i + 1, table.names[i])));
    for (std::size_t j = 0; j < counts.size(); ++j) {
      const double share = whole > 0.0 ? static_cast<double>(counts[j]) / whole : 0.0;
      cells += element(
          "td",
          {{"class", i == j ? "number heat right" : "number heat"}, {"style", fmt::format("--share:{:.3f}", share)}},
          text(counts[j] == 0 ? std::string("·") : fmt::format("{}", counts[j])));
    }
    rows += element("tr", cells);
  }
  return scrolling(
      element("table", {{"class", "heat"}}, element("thead", element("tr", header)) + element("tbody", rows)));
}

}  // namespace noggin::html
