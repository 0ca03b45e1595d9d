#include "data/shards/row_subset.h"

#include <cstddef>

namespace noggin::data {
namespace {

// Appends elements first .. end - 1 of a column.
template <typename Column>
void copy_range(const Column& from, std::size_t first, std::size_t end, Column& to) {
  to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
            from.begin() + static_cast<std::ptrdiff_t>(end));
}

// Appends one piece of each of several columns that share offsets.
template <typename... Columns>
void copy_piece(const std::vector<std::uint64_t>& offsets, std::size_t row, std::vector<std::uint64_t>& to_offsets,
                const std::pair<const Columns&, Columns&>&... columns) {
  (copy_range(columns.first, offsets[row], offsets[row + 1], columns.second), ...);
  to_offsets.push_back(to_offsets.back() + offsets[row + 1] - offsets[row]);
}

template <typename Column>
std::pair<const Column&, Column&> column(const Column& from, Column& to) {
  return {from, to};
}

void copy_entries(const ExampleTable& from, std::size_t row, ExampleTable& to) {
  const std::size_t first = from.per_token() ? from.token_offsets[row] : row;
  const std::size_t end = from.per_token() ? from.token_offsets[row + 1] : row + 1;
  copy_range(from.label, first, end, to.label);
  copy_range(from.teacher_classes, first * from.top_k, end * from.top_k, to.teacher_classes);
  copy_range(from.teacher_probabilities, first * from.top_k, end * from.top_k, to.teacher_probabilities);
}

void copy_row(const ExampleTable& from, std::size_t row, ExampleTable& to) {
  copy_piece(from.token_offsets, row, to.token_offsets, column(from.token_ids, to.token_ids));
  copy_piece(from.text_offsets, row, to.text_offsets, column(from.text, to.text));
  copy_piece(from.id_offsets, row, to.id_offsets, column(from.id, to.id));
  to.key.push_back(from.key[row]);
  copy_entries(from, row, to);
  if (from.has_values()) copy_range(from.gold_values, row * from.classes, (row + 1) * from.classes, to.gold_values);
  if (!from.per_token()) return;
  to.gold_rows.push_back(from.gold_rows[row]);
  copy_piece(from.span_offsets, row, to.span_offsets, column(from.span_begin, to.span_begin),
             column(from.span_end, to.span_end), column(from.span_type, to.span_type));
  if (spec::traits_of(from.task).has_target)
    copy_piece(from.target_offsets, row, to.target_offsets, column(from.target, to.target));
}

}  // namespace

ExampleTable rows_at(const ExampleTable& table, std::span<const std::uint32_t> rows) {
  ExampleTable some;
  some.task = table.task;
  some.classes = table.classes;
  some.top_k = table.top_k;
  some.vocabulary_hash = table.vocabulary_hash;
  some.gold_threshold = table.gold_threshold;
  for (const std::uint32_t row : rows) copy_row(table, row, some);
  return some;
}

}  // namespace noggin::data
