#include "data/ingest/ingest_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "data/metrics/fraction.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::size_t kFrequent = 6, kRare = 4;  // classes that are named; all of them if they are not more

std::string share(std::uint64_t part, std::uint64_t whole) {
  return fmt::format("{} ({:.1f} %)", part, 100.0 * fraction(part, whole));
}

class SplitSummaryText {
 public:
  explicit SplitSummaryText(const SplitSummary& split) : split_(split), counts_(split.counts) {}

  std::string text() {
    describe_answers();
    describe_trust();
    describe_classes("classes by gold", split_.classes.gold);
    describe_classes("classes by teacher", split_.classes.teacher);
    describe_repeats();
    describe_near();
    return std::move(text_);
  }

 private:
  void line(std::string_view what) {
    text_.append(text_.empty() ? fmt::format("{}: ", split_.name) : std::string("  ")).append(what).append("\n");
  }

  void describe_answers() {
    const AnswerCounts& answers = counts_.answers;
    if (answers.rows == 0) return;
    std::string how;
    const auto add = [&how](std::uint64_t rows, std::string_view from) {
      if (rows > 0) how += fmt::format("{}{} from {}", how.empty() ? "" : ", ", rows, from);
    };
    add(answers.from_tokens, "tokens");
    add(answers.from_text, "the text alone (labels)");
    add(answers.from_confidence, "a label with a confidence");
    std::string text = fmt::format("{} answers in words: {}", answers.rows, how);
    if (answers.from_tokens > 0)
      text += fmt::format("; class mass {:.3f} on average; text and tokens agree on {:.1f} %",
                          fraction(answers.class_mass, answers.from_tokens),
                          100.0 * (1.0 - fraction(answers.disagreements, answers.from_tokens)));
    line(text);
  }

  void describe_trust() {
    const AnswerCounts& answers = counts_.answers;
    std::string text;
    const auto add = [&text](std::uint64_t rows, std::uint64_t whole, std::string_view what) {
      if (rows > 0) text += fmt::format("{}{} {}", text.empty() ? "" : "; ", share(rows, whole), what);
    };
    // A label is at 1 by itself: only distributions are said to be certain.
    const std::uint64_t labels = std::min(answers.certain, answers.from_text);
    add(answers.certain - labels, counts_.with_teacher, "of the teacher's distributions are at exactly 0 or 1");
    add(answers.sampled_warm, answers.rows, "answers were drawn at a temperature above 0");
    add(answers.cuts_candidates, answers.rows, "answers lack candidates (top_p)");
    add(answers.confidence_unread, answers.rows, "answers name a confidence that is no probability and is not read");
    add(counts_.renormalized, counts_.with_teacher, "distributions were rounded, and divided out");
    if (!text.empty()) line(text);
    if (counts_.unmapped_words > 0)
      line(fmt::format("{} listed words belong to no class; their probability is tail", counts_.unmapped_words));
  }

  void describe_classes(std::string_view what, const std::vector<std::uint64_t>& rows) {
    std::vector<std::pair<std::uint64_t, std::size_t>> order;
    for (std::size_t c = 0; c < rows.size(); ++c)
      if (rows[c] > 0) order.emplace_back(rows[c], c);
    if (order.empty()) return;
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    const bool fold = order.size() > kFrequent + kRare;
    const auto named = [&](std::size_t from, std::size_t to) {
      std::string names;
      for (std::size_t i = from; i < to; ++i)
        names += fmt::format("{}{} {}", i == from ? "" : ", ", excerpt(split_.classes.names[order[i].second]),
                             order[i].first);
      return names;
    };
    std::string text = fmt::format("{}: {}", what, named(0, fold ? kFrequent : order.size()));
    if (fold)
      text += fmt::format(", ... {} more ..., {}", order.size() - kFrequent - kRare,
                          named(order.size() - kRare, order.size()));
    line(text);
  }

  void describe_repeats() {
    const AnswerSpread& spread = split_.spread;
    if (spread.texts == 0) return;
    line(
        fmt::format("{} texts have {} answers of the teacher, {:.3f} from their mean on average (at most {:.3f}): no "
                    "student agrees better with it",
                    spread.texts, spread.answers, spread.mean, spread.largest));
  }

  void describe_near() {
    for (const auto& [other, repeats] : counts_.repeats)
      if (other != split_.name && repeats.near > 0)
        line(fmt::format("{} texts are also in {} but for case, spaces or punctuation, as {}",
                         share(repeats.near, counts_.accepted), other, excerpt(repeats.near_example.text)));
  }

  const SplitSummary& split_;
  const SplitReport& counts_;
  std::string text_;
};

}  // namespace

std::string summary_of(const IngestReport& report) {
  std::string text;
  for (const SplitSummary& split : report.splits) text += SplitSummaryText(split).text();
  return text;
}

}  // namespace noggin::data
