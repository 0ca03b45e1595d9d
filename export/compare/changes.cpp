#include "export/compare/changes.h"

#include <algorithm>
#include <cmath>

#include "prediction/prediction_text.h"

namespace noggin::exporter {
namespace {

using train::Prediction;

// The largest probability of what an answer states; 0 if it states nothing.
struct Certainty {
  double operator()(const runtime::ClassAnswer& answer) const { return answer.probability; }
  double operator()(const runtime::ScoreAnswer& answer) const { return std::max(answer.score, 1.0F - answer.score); }
  double operator()(const runtime::LabelSetAnswer& answer) const {
    double largest = 0.0;
    for (const auto& given : answer.labels) largest = std::max(largest, double{given.probability});
    return largest;
  }
  double operator()(const runtime::SpanAnswer& answer) const {
    double largest = 0.0;
    for (const TaggedSpan& span : answer.spans) largest = std::max(largest, double{span.probability});
    return largest;
  }
  double operator()(const runtime::TextAnswer&) const { return 0.0; }
};

// Says the same as the teacher, whose answers know no threshold: the class that a model abstains with counts, and of a
// score whether it is positive.
bool agrees(const Prediction& answer, const Prediction& teacher) {
  if (const auto* one = std::get_if<runtime::ClassAnswer>(&answer)) {
    return one->label == std::get<runtime::ClassAnswer>(teacher).label;
  }
  if (const auto* number = std::get_if<runtime::ScoreAnswer>(&answer)) {
    return number->positive == std::get<runtime::ScoreAnswer>(teacher).positive;
  }
  return runtime::same_decision(answer, teacher);
}

ChangedRow::Kind kind_of(const JudgedRows& judged, std::size_t row) {
  if (!judged.has_gold(row)) return ChangedRow::Kind::kUnknown;
  if (judged.broken(row)) return ChangedRow::Kind::kBroken;
  return judged.mended(row) ? ChangedRow::Kind::kMended : ChangedRow::Kind::kAlike;
}

}  // namespace

std::vector<ChangedRow> changed_rows(const CompareInput& input, const JudgedRows& judged) {
  const train::TaskReader& reader = input.reader;
  const std::vector<std::string_view> labels(reader.task().labels.begin(), reader.task().labels.end());
  const runtime::Head head{{}, format::decision_of(reader.task()), labels, reader.types()};
  const auto as_json = [&](std::string_view text, const Prediction& answer) {
    std::string json;
    runtime::append_json(text, std::span(&head, 1), std::span(&answer, 1), {.text = false}, json);
    return json;
  };
  std::vector<ChangedRow> changes;
  for (std::size_t row = 0; row < input.rows.rows(); ++row) {
    if (judged.changed[row] == 0) continue;
    const Prediction &before = input.before.predictions[row], &after = input.after.predictions[row];
    ChangedRow change;
    change.kind = kind_of(judged, row);
    change.row = row;
    change.id = input.rows.id_of(row);
    change.text = input.rows.text_of(row);
    change.gold = describe_gold(reader, input.rows, row);
    if (judged.teacher[row]) change.teacher = reader.describe(input.rows, row, *judged.teacher[row]);
    change.before = reader.describe(input.rows, row, before);
    change.after = reader.describe(input.rows, row, after);
    change.before_json = as_json(change.text, before);
    change.after_json = as_json(change.text, after);
    change.certainty = std::visit(Certainty(), after);
    changes.push_back(std::move(change));
  }
  std::ranges::stable_sort(changes, [](const ChangedRow& a, const ChangedRow& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.certainty > b.certainty;
  });
  return changes;
}

TeacherChanges changes_by_teacher(const CompareInput& input, const JudgedRows& judged) {
  TeacherChanges counts;
  for (std::size_t row = 0; row < input.rows.rows(); ++row) {
    if (judged.has_gold(row)) continue;
    const bool changed = judged.changed[row] != 0;
    if (!judged.teacher[row]) {
      ++counts.unanswered;
      if (changed) ++counts.unanswered_changed;
      continue;
    }
    ++counts.rows;
    if (!changed) continue;
    const bool before = agrees(input.before.predictions[row], *judged.teacher[row]);
    const bool after = agrees(input.after.predictions[row], *judged.teacher[row]);
    ++(before == after ? counts.other : after ? counts.to_teacher : counts.from_teacher);
  }
  return counts;
}

}  // namespace noggin::exporter
