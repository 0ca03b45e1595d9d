#include "export/compare/slices.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "export/report/several_tests.h"

namespace noggin::exporter {
namespace {

using Rows = std::vector<std::uint32_t>;

// Values of one dimension in the order in which they are shown, each with its rows, ascending.
struct Dimension {
  std::string name;
  std::map<std::pair<std::uint32_t, std::string>, Rows> values;

  void add(std::uint32_t order, const std::string& value, std::uint32_t row) { values[{order, value}].push_back(row); }
};

// 1-2, 3-4, 5-8, 9-16, ...: as many steps as the logarithm has.
void add_length(Dimension& dimension, std::uint32_t tokens, std::uint32_t row) {
  std::uint32_t high = 2, step = 0;
  for (; high < tokens; high *= 2) ++step;
  dimension.add(step, step == 0 ? "0-2 tokens" : fmt::format("{}-{} tokens", high / 2 + 1, high), row);
}

void add_unknown_words(Dimension& dimension, std::uint32_t words, std::uint32_t row) {
  const std::uint32_t step = std::min(words, 3U);
  dimension.add(step, step == 3 ? "3 and more" : std::to_string(step), row);
}

// How sure the teacher is of its answer; of a row with several, where it is least sure. Negative without a teacher.
double teacher_confidence(const data::ExampleTable& rows, std::size_t row) {
  if (!rows.has_teacher(row)) return -1.0;
  const auto classes = rows.teacher_classes_of(row);
  const auto probabilities = rows.teacher_probabilities_of(row);
  double least = 1.0;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (classes[k] < 0) continue;
    const double p = probabilities[k];
    if (rows.has_values()) {
      least = std::min(least, std::max(p, 1.0 - p));
    } else if (k % rows.top_k == 0) {
      least = std::min(least, p);
    }
  }
  return least;
}

void add_confidence(Dimension& dimension, double confidence, std::uint32_t row) {
  struct Step {
    double from;
    const char* name;
  };
  static constexpr Step kSteps[] = {
      {0.99, "0.99 and more"}, {0.9, "0.9 to 0.99"}, {0.7, "0.7 to 0.9"}, {0.5, "0.5 to 0.7"}, {0.0, "below 0.5"}};
  std::uint32_t order = 0;
  for (const Step& step : kSteps) {
    if (confidence >= step.from) return dimension.add(order, step.name, row);
    ++order;
  }
  dimension.add(order, "no teacher", row);
}

// Each class, type or yes/no of a gold answer once.
Dimension by_class(const CompareInput& input, const JudgedRows& judged) {
  Dimension dimension{"class", {}};
  const auto& labels = input.reader.task().labels;
  for (const std::uint32_t row : judged.gold) {
    if (input.reader.traits().has_target) break;  // texts have no classes
    const train::Prediction gold = gold_answer(input.rows, row);
    if (const auto* one = std::get_if<runtime::ClassAnswer>(&gold)) {
      dimension.add(one->label, labels[one->label], row);
    } else if (const auto* number = std::get_if<runtime::ScoreAnswer>(&gold)) {
      dimension.add(number->positive ? 0 : 1, number->positive ? "yes" : "no", row);
    } else if (const auto* several = std::get_if<runtime::LabelSetAnswer>(&gold)) {
      for (const auto& given : several->labels) dimension.add(given.label, labels[given.label], row);
    } else {
      std::set<std::uint32_t> types;
      for (const TaggedSpan& span : std::get<runtime::SpanAnswer>(gold).spans) types.insert(span.type);
      for (const std::uint32_t type : types) dimension.add(type, std::string(input.reader.types()[type]), row);
    }
  }
  return dimension;
}

// What has too many values is not a slice: the rare ones are put together.
void limit_values(Dimension& dimension) {
  if (dimension.values.size() <= kMostSliceValues) return;
  std::vector<std::size_t> sizes;
  for (const auto& [value, rows] : dimension.values) sizes.push_back(rows.size());
  std::ranges::nth_element(sizes, sizes.begin() + kMostSliceValues, std::greater());
  const std::size_t too_few = sizes[kMostSliceValues];
  std::set<std::uint32_t> rest;  // a row may have several values
  std::size_t left_out = 0;
  std::erase_if(dimension.values, [&](const auto& entry) {
    if (entry.second.size() > too_few) return false;
    rest.insert(entry.second.begin(), entry.second.end());
    ++left_out;
    return true;
  });
  dimension.values[{UINT32_MAX, fmt::format("({} other values)", left_out)}] = Rows(rest.begin(), rest.end());
}

std::vector<Dimension> dimensions_of(const CompareInput& input, const JudgedRows& judged) {
  std::vector<Dimension> dimensions{by_class(input, judged)};
  Dimension length{"length", {}}, unknown{"unknown words", {}}, confidence{"teacher's confidence", {}};
  const bool teacher = std::ranges::any_of(judged.teacher, [](const auto& answer) { return answer.has_value(); });
  for (std::uint32_t row = 0; row < input.rows.rows(); ++row) {
    if (!input.facts.tokens.empty()) add_length(length, input.facts.tokens[row], row);
    if (!input.facts.unknown_words.empty()) add_unknown_words(unknown, input.facts.unknown_words[row], row);
    if (teacher) add_confidence(confidence, teacher_confidence(input.rows, row), row);
  }
  for (Dimension* made : {&length, &confidence, &unknown}) dimensions.push_back(std::move(*made));
  for (const auto& [name, values] : input.facts.fields) {
    Dimension field{"field:" + name, {}};
    for (std::uint32_t row = 0; row < values.size(); ++row) field.add(0, values[row], row);
    dimensions.push_back(std::move(field));
  }
  for (Dimension& dimension : dimensions) limit_values(dimension);
  return dimensions;
}

SliceDifference slice(const CompareInput& input, const JudgedRows& judged, const Rows& rows) {
  SliceDifference found;
  found.paired = paired_rows(judged, rows);
  found.without_gold = rows.size() - found.paired.rows;
  found.p = paired_test(input, judged, rows).mid_p;
  std::vector<data::RowScore> before, after;
  Rows gold;
  for (const std::uint32_t row : rows) {
    if (judged.changed[row] != 0) ++found.changed;
    if (!judged.has_gold(row)) continue;
    gold.push_back(row);
    before.push_back({judged.right_before[row] != 0 ? 1.0 : 0.0, 1.0});
    after.push_back({judged.right_after[row] != 0 ? 1.0 : 0.0, 1.0});
  }
  std::vector<std::uint32_t> clusters;
  found.difference = bootstrap_drop(after, before, resampling(input, gold, clusters));
  return found;
}

}  // namespace

std::vector<SliceDifference> slice_rows(const CompareInput& input, const JudgedRows& judged) {
  std::vector<SliceDifference> slices;
  for (const Dimension& dimension : dimensions_of(input, judged)) {
    for (const auto& [value, rows] : dimension.values) {
      slices.push_back(slice(input, judged, rows));
      slices.back().dimension = dimension.name;
      slices.back().value = value.second;
    }
  }
  std::vector<double> tested;
  for (const SliceDifference& each : slices) {
    if (each.paired.discordant.sum() > 0) tested.push_back(each.p);
  }
  const std::vector<double> corrected = holm(tested);
  std::size_t next = 0;
  for (SliceDifference& each : slices) {
    if (each.paired.discordant.sum() > 0) each.corrected_p = corrected[next++];
  }
  return slices;
}

}  // namespace noggin::exporter
