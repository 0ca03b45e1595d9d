// Tables of a page. A wide one scrolls by itself on a narrow screen, so that the page does not.
#pragma once

#include <string>
#include <vector>

#include "export/html/markup.h"

namespace noggin::html {

struct Column {
  std::string title;
  bool number = true;  // aligned to the right
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // As many cells as columns. `emphasis`: the row that a reader looks for.
  void add(std::vector<Markup> cells, bool emphasis = false);
  // The same with texts.
  void add_texts(const std::vector<std::string>& cells, bool emphasis = false);
  bool empty() const { return rows_.empty(); }
  Markup markup() const;

 private:
  std::vector<Column> columns_;
  Markup rows_;
};

// Names and values: two columns without a header. Empty if there are none.
Markup facts(const std::vector<std::pair<std::string, std::string>>& values);

// A bar as long as this share of its cell, 0 to 1. `kind`: one of the classes of marks, 1 to 5 (stylesheet.h).
Markup bar(double share, int kind = 1);

// Rows by columns of counts; each cell is shaded by its share of its row. The diagonal has another colour. Columns are
// numbered as rows are, for names are long.
struct HeatTable {
  std::string corner;  // what rows and columns are: "gold \ answered"
  std::vector<std::string> names;
  std::vector<std::vector<std::uint64_t>> counts;  // [names][names]
};
Markup heat_table(const HeatTable& table);

}  // namespace noggin::html
