#include "data/metrics/span_metrics.h"

#include <algorithm>

namespace noggin::data {
namespace {

std::vector<TypedSpan> sorted(std::span<const TypedSpan> spans) {
  std::vector<TypedSpan> copy(spans.begin(), spans.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

// The number of common spans, with multiplicity.
std::vector<TypedSpan> common(std::span<const TypedSpan> found, std::span<const TypedSpan> gold) {
  const std::vector<TypedSpan> a = sorted(found), b = sorted(gold);
  std::vector<TypedSpan> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

}  // namespace

SpanCounts& SpanCounts::operator+=(const SpanCounts& other) {
  found += other.found;
  expected += other.expected;
  right += other.right;
  return *this;
}

SpanCounts count_spans(std::span<const TypedSpan> found, std::span<const TypedSpan> gold) {
  return {found.size(), gold.size(), common(found, gold).size()};
}

std::vector<SpanCounts> count_spans_by_type(std::span<const TypedSpan> found, std::span<const TypedSpan> gold,
                                            std::size_t types) {
  std::vector<SpanCounts> counts(types);
  const auto add = [&counts](std::span<const TypedSpan> spans, std::uint64_t SpanCounts::*member) {
    for (const TypedSpan& span : spans)
      if (span.type < counts.size()) ++(counts[span.type].*member);
  };
  add(found, &SpanCounts::found);
  add(gold, &SpanCounts::expected);
  add(common(found, gold), &SpanCounts::right);
  return counts;
}

SpanCounts sum_of(std::span<const SpanCounts> rows, std::span<const std::uint32_t> drawn) {
  SpanCounts sum;
  for (const std::uint32_t row : drawn) sum += rows[row];
  return sum;
}

SpanCounts sum_of(std::span<const SpanCounts> rows) {
  SpanCounts sum;
  for (const SpanCounts& row : rows) sum += row;
  return sum;
}

}  // namespace noggin::data
