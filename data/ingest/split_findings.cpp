#include "data/ingest/split_findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/encoding/align_report.h"
#include "data/metrics/fraction.h"
#include "data/rows/excerpt.h"
#include "data/rows/rejection.h"

namespace noggin::data {
namespace {

constexpr std::size_t kShownNames = 5;

// "3 of 90 rows of dev (3.3 %)"
std::string share_of(std::uint64_t part, std::uint64_t whole, std::string_view what, std::string_view split) {
  return fmt::format("{} of {} {} of {} ({:.1f} %)", part, whole, what, split, 100.0 * fraction(part, whole));
}

class Findings {
 public:
  Findings(const IngestReport& report, const IngestPlan& plan) : report_(report), plan_(plan) {}

  std::vector<std::string> collect() {
    for (const SplitSummary& split : report_.splits) {
      for (const SplitSummary& other : report_.splits) find_shared_texts(split, other);
      pass_on_remarks(split);
      find_contradictions(split);
      find_dropped_gold(split);
      find_missing_classes(split);
      find_lost_spans(split);
      find_cut_texts(split);
      find_readings(split);
    }
    return std::move(found_);
  }

 private:
  const SplitInput& input_of(const SplitSummary& split) const {
    return *std::find_if(plan_.splits.begin(), plan_.splits.end(),
                         [&](const SplitInput& input) { return input.name == split.name; });
  }
  bool is_training(const SplitSummary& split) const { return input_of(split).training; }
  const std::string& name_of(std::int32_t label) const { return plan_.labels.names()[static_cast<std::size_t>(label)]; }

  // "a.jsonl:7 "text"", and what the two rows say if it is a class each.
  std::string example(const RowExample& row) const {
    std::string text = fmt::format("Example: {}:{} {}", row.file, row.line, excerpt(row.text));
    if (row.label != kNoLabel && row.other_label != kNoLabel && row.label != row.other_label)
      text += fmt::format(" is {} here and {} in the other row", excerpt(name_of(row.label)),
                          excerpt(name_of(row.other_label)));
    return text;
  }

  void find_shared_texts(const SplitSummary& split, const SplitSummary& other) {
    const auto found = split.counts.repeats.find(other.name);
    if (&split == &other || found == split.counts.repeats.end() || found->second.rows == 0) return;
    const Repeats& repeats = found->second;
    std::string text = share_of(repeats.rows, split.counts.accepted, "rows", split.name);
    text += fmt::format(" are also in {}: ", other.name);
    text += is_training(other) ? fmt::format("the figures of {} are too optimistic. ", split.name)
                               : fmt::format(
                                     "what is chosen on {} is measured on the same rows, so the figures of {} are "
                                     "too optimistic. ",
                                     other.name, split.name);
    text += example(repeats.repeat);
    if (repeats.contradictions > 0 && repeats.contradiction.line != repeats.repeat.line)
      text +=
          fmt::format(". {} of them contradict each other. {}", repeats.contradictions, example(repeats.contradiction));
    else if (repeats.contradictions > 0)
      text += fmt::format(". {} of them contradict each other", repeats.contradictions);
    found_.push_back(text + fmt::format(". Fix: keep each text in one split (leave them out of {})",
                                        is_training(other) ? other.name : split.name));
  }

  void pass_on_remarks(const SplitSummary& split) {
    for (const std::string& remark : split.counts.remarks) found_.push_back(split.name + ": " + remark);
  }

  void find_contradictions(const SplitSummary& split) {
    const Repeats& repeats = split.counts.repeats.at(split.name);
    if (repeats.contradictions == 0) return;
    const bool training = is_training(split);
    const std::uint64_t rows = split.counts.accepted + (training ? split.counts.duplicates : 0) + split.counts.joined;
    std::string text = share_of(repeats.contradictions, rows, "rows", split.name);
    text += " repeat an earlier text with another answer";
    if (!repeats.classes.empty()) text += fmt::format(" ({})", class_pairs(repeats));
    text += fmt::format(", besides {} plain repeats: ", repeats.rows - repeats.contradictions);
    text += training ? "the first gold of each text is learnt, and the mean of the teacher's answers. "
                     : "no answer is right for both rows. ";
    text += example(repeats.contradiction);
    found_.push_back(text + ". Fix: decide which answer is right and remove the other rows");
  }

  // Gold that training loses with the rows that hold it.
  void find_dropped_gold(const SplitSummary& split) {
    if (!is_training(split)) return;
    const SplitReport& counts = split.counts;
    const auto impossible = counts.rejected.find(std::string(reason_code(Reason::kNotADeletion)));
    if (impossible == counts.rejected.end()) return;
    std::string text = share_of(impossible->second, counts.lines, "lines", split.name);
    text += " have a target that no deletion of words gives (not_a_deletion): nothing is learnt from them";
    if (!report_.quarantine_path.empty()) text += ". Each is in " + report_.quarantine_path;
    found_.push_back(std::move(text));
  }

  std::string class_pairs(const Repeats& repeats) const {
    using Pair = std::pair<std::pair<std::int32_t, std::int32_t>, std::uint64_t>;
    std::vector<Pair> pairs(repeats.classes.begin(), repeats.classes.end());
    std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.second > b.second; });
    std::string text;
    for (std::size_t i = 0; i < std::min(pairs.size(), kShownNames); ++i)
      text += fmt::format("{}{} and {}: {}", i == 0 ? "" : ", ", excerpt(name_of(pairs[i].first.first)),
                          excerpt(name_of(pairs[i].first.second)), pairs[i].second);
    if (pairs.size() > kShownNames) text += fmt::format(", and {} more pairs", pairs.size() - kShownNames);
    return text;
  }

  void find_missing_classes(const SplitSummary& split) {
    const bool training = is_training(split);
    std::vector<std::string> missing;
    for (std::size_t c = 0; c < split.classes.names.size(); ++c) {
      if (split.classes.gold[c] > 0 || (training && split.classes.teacher[c] > 0)) continue;
      std::string name = excerpt(split.classes.names[c]);
      if (training) name += elsewhere(c);
      missing.push_back(std::move(name));
    }
    if (missing.empty()) return;
    std::string text =
        fmt::format("{} of {} classes have no row in {}: ", missing.size(), split.classes.names.size(), split.name);
    for (std::size_t i = 0; i < std::min(missing.size(), kShownNames); ++i)
      text += fmt::format("{}{}", i == 0 ? "" : ", ", missing[i]);
    if (missing.size() > kShownNames) text += fmt::format(", and {} more", missing.size() - kShownNames);
    text += training ? ". The student will not learn them. Fix: add rows, or remove the classes from data.labels"
                     : ". Nothing is measured for them. Fix: add rows";
    found_.push_back(std::move(text));
  }

  // Where a class that training does not see is asked for: " (10 rows in dev)".
  std::string elsewhere(std::size_t c) const {
    std::string text;
    for (const SplitSummary& split : report_.splits) {
      if (split.classes.gold.empty() || split.classes.gold[c] == 0) continue;
      text += fmt::format("{}{} rows in {}", text.empty() ? " (" : ", ", split.classes.gold[c], split.name);
    }
    return text.empty() ? text : text + ")";
  }

  void find_lost_spans(const SplitSummary& split) {
    std::string misaligned = describe_misaligned(split.alignment, split.name);
    if (!misaligned.empty()) found_.push_back(std::move(misaligned));
    std::string cut = describe_cut(split.alignment, split.name);
    if (!cut.empty() && is_training(split)) found_.push_back(std::move(cut));
  }

  void find_cut_texts(const SplitSummary& split) {
    if (split.truncated * 100 <= split.counts.accepted) return;
    found_.push_back(share_of(split.truncated, split.counts.accepted, "rows", split.name) +
                     fmt::format(" were cut. Fix: raise tokenizer.max_tokens (longest stored: {})", split.longest));
  }

  // What rows write another way, where the recipe should say so: SourceReport::read_as.
  void find_readings(const SplitSummary& split) {
    constexpr std::string_view kUnit = "unit_";
    for (const SourceReport& source : split.counts.sources) {
      for (const auto& [how, rows] : source.read_as) {
        if (how == "class_by_number")
          found_.push_back(
              fmt::format("{} rows of {} give classes by number: the first is {}, the last {}. Fix: check "
                          "that data.labels has the order of the log",
                          rows, source.path, excerpt(name_of(0)), excerpt(plan_.labels.names().back())));
        if (!how.starts_with(kUnit)) continue;
        const std::string unit = how.substr(kUnit.size());
        found_.push_back(
            fmt::format("{} rows of {} have offsets that count {}, as the spans' own texts show, not what "
                        "the source or the row says. Fix: set unit: {} in the source",
                        rows, source.path, unit, unit));
      }
    }
  }

  const IngestReport& report_;
  const IngestPlan& plan_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> findings_of(const IngestReport& report, const IngestPlan& plan) {
  return Findings(report, plan).collect();
}

}  // namespace noggin::data
