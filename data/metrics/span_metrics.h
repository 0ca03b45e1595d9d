// Metrics of found spans against gold spans: exact match of begin, end and type, counted over all texts (micro), as
// CoNLL-2003 and its scorer do (Tjong Kim Sang and De Meulder 2003). The one home of span F1. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/metrics/row_score.h"
#include "data/rows/record.h"

namespace noggin::data {

// Sums over rows, so that a bootstrap can draw rows and add their counts.
struct SpanCounts {
  std::uint64_t found = 0, expected = 0, right = 0;

  double precision() const { return fraction(found); }  // of found spans that are right; 0 when none was found
  double recall() const { return fraction(expected); }  // of gold spans that were found; 0 when there are none
  double f1() const {  // 2 P R / (P + R); 0 when nothing was found and nothing expected
    return found + expected == 0 ? 0.0 : 2.0 * static_cast<double>(right) / static_cast<double>(found + expected);
  }
  SpanCounts& operator+=(const SpanCounts& other);
  bool operator==(const SpanCounts&) const = default;

 private:
  double fraction(std::uint64_t whole) const {
    return whole == 0 ? 0.0 : static_cast<double>(right) / static_cast<double>(whole);
  }
};

// One row's part of micro F1.
inline RowScore f1_score(const SpanCounts& counts) {
  return {2.0 * static_cast<double>(counts.right), static_cast<double>(counts.found + counts.expected)};
}

// Counts one text. Order does not matter; a span that is listed twice is right as often as gold lists it.
SpanCounts count_spans(std::span<const TypedSpan> found, std::span<const TypedSpan> gold);

// The same for each type separately: [types]. Spans of other types are left out.
std::vector<SpanCounts> count_spans_by_type(std::span<const TypedSpan> found, std::span<const TypedSpan> gold,
                                            std::size_t types);

// The sum over drawn rows, with repetitions.
SpanCounts sum_of(std::span<const SpanCounts> rows, std::span<const std::uint32_t> drawn);
SpanCounts sum_of(std::span<const SpanCounts> rows);

}  // namespace noggin::data
