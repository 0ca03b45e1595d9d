#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "data/rows/excerpt.h"
#include "export/compare/comparison.h"
#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

constexpr std::size_t kMostSlices = 15, kMostBrokenRows = 10, kMostTextBytes = 200;

std::string p_value(double p) { return p < 0.0005 ? "< 0.001" : fmt::format("{:.3f}", p); }

std::string difference_text(const Interval& d) {
  return fmt::format("{} [{}, {}]", points(d.value), points(d.low), points(d.high));
}

std::string measure_table(const Comparison& c) {
  TextTable table({"measure", "rows", "old %", "new %", "difference in points [95 %]"});
  for (const MeasureDifference& measure : c.measures) {
    table.add({measure.name + (measure.smaller_is_better ? " (smaller is better)" : ""), std::to_string(measure.rows),
               fmt::format("{:.2f}", 100.0 * measure.before), fmt::format("{:.2f}", 100.0 * measure.after),
               difference_text(measure.difference)});
  }
  return c.measures.empty() ? std::string() : "\n" + table.text();
}

std::string test_lines(const Comparison& c) {
  if (c.measures.empty()) return {};
  TextTable table({}, true);
  if (!std::isnan(c.primary_p)) table.add({"difference", c.primary_test, "p " + p_value(c.primary_p)});
  const std::string p = c.equivalence ? ", p " + p_value(c.equivalence->p()) : "";
  table.add({"equivalence", c.equivalence_by,
             fmt::format("{} at {:.2f} points{}; 90 %: {}", c.equivalent ? "shown" : "not shown", 100.0 * c.margin, p,
                         difference_text(c.primary_90))});
  table.add(
      {"power", "smallest drop found in 80 % of such samples", fmt::format("{:.2f} points", 100.0 * c.detectable)});
  return "\n" + table.text();
}

std::string pieces(const std::vector<std::string>& all) {
  constexpr std::size_t kShown = 4;
  const std::vector<std::string> first(all.begin(),
                                       all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kShown)));
  return all.empty() ? "nothing more" : data::excerpt(fmt::format("{}", fmt::join(first, " ")));
}

std::string change_lines(const Comparison& c) {
  const PairedRows& paired = c.paired;
  TextTable table({}, true);
  table.add({"changed answers", fmt::format("{} of {} rows, {} %", c.changed, c.rows, percent(c.churn))});
  if (paired.rows > 0) {
    table.add({"with gold", fmt::format("{} rows: {} mended, {} broken ({} %), {} changed and neither", paired.rows,
                                        paired.discordant.mended, paired.discordant.broken, percent(c.negative_flips),
                                        paired.changed_alike)});
  }
  if (c.teacher.rows > 0) {
    table.add(
        {"without gold", fmt::format("{} rows: {} now agree with the teacher, {} no longer, {} changed and neither",
                                     c.teacher.rows, c.teacher.to_teacher, c.teacher.from_teacher, c.teacher.other)});
  }
  if (c.teacher.unanswered > 0) {
    table.add({"neither gold nor teacher",
               fmt::format("{} rows: {} changed", c.teacher.unanswered, c.teacher.unanswered_changed)});
  }
  table.add({"same to the last bit", fmt::format("{} rows", c.same_bits)});
  if (c.tokenized > 0) table.add({"other tokens", fmt::format("{} of {} rows", c.other_tokens, c.tokenized)});
  if (!c.token_changes.empty()) {
    const TokenChange& first = c.token_changes.front();
    table.add(
        {"", fmt::format("first in row {}: {}, now {}", first.row + 1, pieces(first.before), pieces(first.after))});
  }
  return "\n" + table.text();
}

// Fields may hold anything, a line end too.
std::string slice_name(const SliceDifference& slice) {
  const bool foreign = slice.dimension.starts_with("field:");
  return fmt::format("{}: {}", slice.dimension, foreign ? data::excerpt(slice.value) : slice.value);
}

// Slices with changes, the least probable by chance first.
std::string slice_table(const Comparison& c) {
  std::vector<const SliceDifference*> slices;
  for (const SliceDifference& slice : c.slices) {
    if (slice.changed > 0) slices.push_back(&slice);
  }
  if (slices.empty()) return {};
  std::ranges::stable_sort(
      slices, [](const auto* a, const auto* b) { return a->p != b->p ? a->p < b->p : a->changed > b->changed; });
  TextTable table({"slice", "rows", "mended", "broken", "neither", "right, in points [95 %]", "p, corrected"});
  for (std::size_t i = 0; i < std::min(slices.size(), kMostSlices); ++i) {
    const SliceDifference& slice = *slices[i];
    table.add({slice_name(slice), std::to_string(slice.paired.rows), std::to_string(slice.paired.discordant.mended),
               std::to_string(slice.paired.discordant.broken),
               std::to_string(slice.changed - slice.paired.discordant.sum()), difference_text(slice.difference),
               p_value(slice.corrected_p) + (slice.corrected_p <= kSignificance ? " *" : "")});
  }
  const std::size_t more = slices.size() - std::min(slices.size(), kMostSlices);
  return "\n" + table.text() +
         (more > 0 ? fmt::format("... and {} slices more with changes (--json has all)\n", more) : "");
}

// JSON without what does not fit on a line; its characters beyond ASCII stay whole.
std::string shortened(std::string text) {
  if (text.size() <= kMostTextBytes) return text;
  std::size_t end = kMostTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string broken_rows(const Comparison& c) {
  const auto is_broken = [](const ChangedRow& row) { return row.kind == ChangedRow::Kind::kBroken; };
  const auto broken = static_cast<std::size_t>(std::ranges::count_if(c.changes, is_broken));
  if (broken == 0) return {};
  const std::size_t shown = std::min(broken, kMostBrokenRows);
  std::string text = fmt::format("\n{} of {} broken rows, the surest first\n", shown, broken);
  for (std::size_t i = 0; i < shown; ++i) {  // they are the first of the list
    const ChangedRow& row = c.changes[i];
    text += fmt::format("  {}: {}\n      gold {}; old {}; new {}\n",
                        row.id.empty() ? fmt::format("row {}", row.row + 1) : data::excerpt(row.id),
                        data::excerpt(row.text, kMostTextBytes), data::excerpt(row.gold, kMostTextBytes),
                        shortened(row.before_json), shortened(row.after_json));
  }
  return text;
}

void add_labels(TextTable& table, const LabelChanges& labels) {
  const auto counted = [](const std::map<std::string, std::uint64_t>& rows) {
    std::vector<std::string> texts;
    for (const auto& [label, count] : rows) texts.push_back(fmt::format("{} ({} rows)", label, count));
    return fmt::format("{}", fmt::join(texts, ", "));
  };
  if (!labels.added.empty()) table.add({"labels added", fmt::format("{}", fmt::join(labels.added, ", "))});
  if (!labels.gone.empty()) table.add({"labels gone", fmt::format("{}", fmt::join(labels.gone, ", "))});
  if (!labels.unknown_to_old.empty()) table.add({"gold unknown to old", counted(labels.unknown_to_old)});
  if (!labels.unknown_to_new.empty()) table.add({"gold unknown to new", counted(labels.unknown_to_new)});
  if (labels.reordered) table.add({"labels", "in another order (compared by name)"});
}

std::string threshold_text(const ModelFacts& model) {
  if (model.thresholds.empty()) return fmt::format("{:.4f}", model.abstain_below);
  std::vector<std::string> texts;
  for (const auto& [label, threshold] : model.thresholds) texts.push_back(fmt::format("{} {:.3f}", label, threshold));
  return shortened(fmt::format("{}", fmt::join(texts, ", ")));
}

std::string model_table(const Comparison& c) {
  TextTable table({"", "old", "new"}, true);
  const auto add = [&](const char* name, const auto& of) { table.add({name, of(c.before), of(c.after)}); };
  add("file", [](const ModelFacts& m) { return m.path; });
  add("family", [](const ModelFacts& m) { return m.family; });
  add("content hash", [](const ModelFacts& m) { return m.content_hash; });
  add("size", [](const ModelFacts& m) { return format_bytes(m.bytes); });
  add("memory with a session", [](const ModelFacts& m) { return format_bytes(m.memory_bytes); });
  if (c.latency.texts > 0) {
    table.add({"latency, median per text", fmt::format("{:.1f} us", c.latency.before_us),
               fmt::format("{:.1f} us; difference {:+.1f} [{:+.1f}, {:+.1f}] on {} texts", c.latency.after_us,
                           c.latency.difference_us.value, c.latency.difference_us.low, c.latency.difference_us.high,
                           c.latency.texts)});
  }
  add("temperature", [](const ModelFacts& m) { return fmt::format("{:.4f}", m.temperature); });
  add("thresholds", threshold_text);
  TextTable labels({}, true);
  add_labels(labels, c.labels);
  return "\n" + table.text() + labels.text();
}

}  // namespace

std::string to_text(const Comparison& c) {
  std::string text = fmt::format("{}: {}\n", name_of(c.verdict), c.because);
  if (!c.group_field.empty()) {
    text += fmt::format("Rows with the same \"{}\" are resampled together: {} groups.\n", c.group_field, c.groups);
  }
  return text + measure_table(c) + test_lines(c) + change_lines(c) + slice_table(c) + broken_rows(c) + model_table(c);
}

}  // namespace noggin::exporter
