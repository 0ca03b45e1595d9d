#include "data/encoding/align_report.h"

#include <fmt/format.h>

#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

// A cause is named if it explains at least this part of the spans.
constexpr double kMostOfThem = 0.9;

std::string span_share(std::uint64_t part, const AlignmentCounts& counts, const std::string& split) {
  return fmt::format("{} of {} spans of {} ({:.1f} %)", part, counts.spans, split,
                     100.0 * static_cast<double>(part) / static_cast<double>(counts.spans));
}

std::string span_example(const LostSpan& lost) {
  const std::string_view text = lost.text;
  return fmt::format("Example: {}:{} {} (bytes {} to {}) of {}", lost.file, lost.line,
                     excerpt(text.substr(lost.place.begin, lost.place.end - lost.place.begin)), lost.place.begin,
                     lost.place.end, excerpt(text));
}

std::string cause_and_fix(const AlignmentCounts& counts) {
  const auto explains = [&counts](std::uint64_t part) {
    return static_cast<double>(part) >= kMostOfThem * static_cast<double>(counts.misaligned_spans);
  };
  for (std::size_t unit = 0; unit < counts.misaligned_fit_in.size(); ++unit) {
    if (!explains(counts.misaligned_fit_in[unit])) continue;
    const std::string_view name = kTextUnitNames[unit];
    return fmt::format(
        "{} of them fit if start and end count in the unit {}. Fix: add unit: {} to the source in the "
        "recipe, or \"unit\": \"{}\" to the rows",
        counts.misaligned_fit_in[unit], name, name, name);
  }
  if (explains(counts.misaligned_fit_trimmed))
    return fmt::format("{} of them fit without the white space at their ends. Fix: leave it out of the spans",
                       counts.misaligned_fit_trimmed);
  return "Fix: correct start and end where the log is made (data/README.md)";
}

}  // namespace

std::string describe_misaligned(const AlignmentCounts& counts, const std::string& split) {
  if (counts.misaligned_spans == 0) return {};
  return fmt::format("{} do not begin and end with words: the student cannot find them exactly. {}. {}",
                     span_share(counts.misaligned_spans, counts, split), span_example(counts.misaligned_example),
                     cause_and_fix(counts));
}

std::string describe_cut(const AlignmentCounts& counts, const std::string& split) {
  if (counts.cut_spans == 0) return {};
  return fmt::format(
      "{} lie beyond the last token of a text that was cut: nothing is learnt from them. {}. "
      "Fix: raise tokenizer.max_tokens, or split long texts",
      span_share(counts.cut_spans, counts, split), span_example(counts.cut_example));
}

}  // namespace noggin::data
