#include "data/shards/example_table.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>

#include "data/rows/content_key.h"

namespace noggin::data {
namespace {

std::string_view piece(const std::string& text, const std::vector<std::uint64_t>& offsets, std::size_t row) {
  return std::string_view(text).substr(offsets[row], offsets[row + 1] - offsets[row]);
}

struct Entries {
  std::size_t first, count;
};

// The entries of a row: the row itself, or its tokens.
Entries entries_of(const ExampleTable& block, std::size_t row) {
  if (!block.per_token()) return {row, 1};
  return {block.token_offsets[row], block.token_offsets[row + 1] - block.token_offsets[row]};
}

template <typename T>
std::span<const T> matrix_rows(const std::vector<T>& matrix, Entries entries, std::size_t columns) {
  return std::span<const T>(matrix).subspan(entries.first * columns, entries.count * columns);
}

template <typename T>
void append_or_fill(std::vector<T>& to, const std::vector<T>& from, std::size_t count, T unused) {
  if (from.empty())
    to.insert(to.end(), count, unused);
  else
    to.insert(to.end(), from.begin(), from.end());
}

// The adapters give sorted records; other sources may not.
void append_teacher(const TeacherDistribution& teacher, ExampleTable& block) {
  if (std::ranges::is_sorted(teacher.probabilities, std::greater())) {
    const std::size_t kept = std::min<std::size_t>(teacher.classes.size(), block.top_k), unused = block.top_k - kept;
    const auto end = static_cast<std::ptrdiff_t>(kept);
    block.teacher_classes.insert(block.teacher_classes.end(), teacher.classes.begin(), teacher.classes.begin() + end);
    block.teacher_classes.insert(block.teacher_classes.end(), unused, -1);
    block.teacher_probabilities.insert(block.teacher_probabilities.end(), teacher.probabilities.begin(),
                                       teacher.probabilities.begin() + end);
    block.teacher_probabilities.insert(block.teacher_probabilities.end(), unused, 0.0F);
    return;
  }
  std::vector<std::size_t> order(teacher.classes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&teacher](std::size_t a, std::size_t b) {
    return teacher.probabilities[a] > teacher.probabilities[b];
  });
  for (std::size_t k = 0; k < block.top_k; ++k) {
    block.teacher_classes.push_back(k < order.size() ? teacher.classes[order[k]] : -1);
    block.teacher_probabilities.push_back(k < order.size() ? teacher.probabilities[order[k]] : 0.0F);
  }
}

void append_values(const Record& record, ExampleTable& block) {
  block.label.push_back(record.gold_values.empty() ? kNoLabel : 0);
  if (record.gold_values.empty())
    block.gold_values.insert(block.gold_values.end(), block.classes, 0.0F);
  else
    block.gold_values.insert(block.gold_values.end(), record.gold_values.begin(), record.gold_values.end());
}

void append_spans(const Record& record, ExampleTable& block) {
  block.gold_rows.push_back(record.has_spans ? 1 : 0);
  for (const TypedSpan& span : record.spans) {
    block.span_begin.push_back(span.begin);
    block.span_end.push_back(span.end);
    block.span_type.push_back(span.type);
  }
  block.span_offsets.push_back(block.span_begin.size());
}

// use(column...) with all columns of a table: those that begin with a 0, and the others.
template <typename Table, typename Use>
auto offsets_of(Table& t, const Use& use) {
  return use(t.token_offsets, t.text_offsets, t.id_offsets, t.span_offsets, t.target_offsets);
}
template <typename Table, typename Use>
auto values_of(Table& t, const Use& use) {
  return use(t.token_ids, t.text, t.id, t.key, t.label, t.teacher_classes, t.teacher_probabilities, t.gold_values,
             t.gold_rows, t.span_begin, t.span_end, t.span_type, t.target);
}

}  // namespace

std::span<const std::uint32_t> ExampleTable::tokens_of(std::size_t row) const {
  return std::span(token_ids).subspan(token_offsets[row], token_offsets[row + 1] - token_offsets[row]);
}
std::string_view ExampleTable::text_of(std::size_t row) const { return piece(text, text_offsets, row); }
std::string_view ExampleTable::id_of(std::size_t row) const { return piece(id, id_offsets, row); }
std::string_view ExampleTable::target_of(std::size_t row) const {
  return spec::traits_of(task).has_target ? piece(target, target_offsets, row) : std::string_view();
}
std::span<const std::int32_t> ExampleTable::label_of(std::size_t row) const {
  return matrix_rows(label, entries_of(*this, row), 1);
}
std::span<const std::int32_t> ExampleTable::teacher_classes_of(std::size_t row) const {
  return matrix_rows(teacher_classes, entries_of(*this, row), top_k);
}
std::span<const float> ExampleTable::teacher_probabilities_of(std::size_t row) const {
  return matrix_rows(teacher_probabilities, entries_of(*this, row), top_k);
}
std::span<const float> ExampleTable::gold_values_of(std::size_t row) const {
  if (!has_values() || label[row] == kNoLabel) return {};
  return std::span(gold_values).subspan(row * classes, classes);
}
std::vector<TypedSpan> ExampleTable::spans_of(std::size_t row) const {
  std::vector<TypedSpan> spans;
  if (!per_token()) return spans;
  for (std::size_t i = span_offsets[row]; i < span_offsets[row + 1]; ++i)
    spans.push_back({span_begin[i], span_end[i], span_type[i]});
  return spans;
}
bool ExampleTable::gold_yes(std::size_t row) const { return gold_values_of(row)[0] >= gold_threshold; }

bool ExampleTable::has_gold(std::size_t row) const {
  return per_token() ? gold_rows[row] != 0 : label[row] != kNoLabel;
}
bool ExampleTable::has_teacher(std::size_t row) const {
  const std::span<const std::int32_t> listed = teacher_classes_of(row);
  for (std::size_t i = 0; i < listed.size(); i += top_k)
    if (listed[i] >= 0) return true;
  return false;
}

void ExampleTable::append(const Record& record, std::span<const std::uint32_t> tokens, const TokenTargets& targets) {
  token_ids.insert(token_ids.end(), tokens.begin(), tokens.end());
  token_offsets.push_back(token_ids.size());
  text += record.text;
  text_offsets.push_back(text.size());
  id += record.id;
  id_offsets.push_back(id.size());
  key.push_back(content_key(record.text));
  if (per_token()) {
    append_or_fill(label, targets.label, tokens.size(), kNoLabel);
    append_or_fill(teacher_classes, targets.teacher_classes, tokens.size() * top_k, -1);
    append_or_fill(teacher_probabilities, targets.teacher_probabilities, tokens.size() * top_k, 0.0F);
    append_spans(record, *this);
    if (!spec::traits_of(task).has_target) return;
    target += record.target;
    target_offsets.push_back(target.size());
    return;
  }
  append_teacher(record.teacher, *this);
  if (has_values())
    append_values(record, *this);
  else
    label.push_back(record.label);
}

std::size_t ExampleTable::bytes() const {
  const auto sum = [](const auto&... columns) { return (... + (columns.size() * sizeof(columns[0]))); };
  return offsets_of(*this, sum) + values_of(*this, sum);
}

void ExampleTable::reserve_for(double times) {
  const auto reserve = [times](auto&... columns) {
    (columns.reserve(static_cast<std::size_t>(times * static_cast<double>(columns.size()))), ...);
  };
  offsets_of(*this, reserve);
  values_of(*this, reserve);
}

void ExampleTable::clear() {
  offsets_of(*this, [](auto&... offsets) { (offsets.resize(1), ...); });
  values_of(*this, [](auto&... columns) { (columns.clear(), ...); });
}

}  // namespace noggin::data
