#include <algorithm>
#include <numeric>

#include "data/content_hash.h"
#include "data/shard.h"

namespace noggin::data {
namespace {

template <typename T>
std::span<const T> matrix_row(const std::vector<T>& matrix, std::size_t row, std::size_t columns) {
  return std::span<const T>(matrix).subspan(row * columns, columns);
}

std::string_view piece(const std::string& text, const std::vector<std::uint64_t>& offsets, std::size_t row) {
  return std::string_view(text).substr(offsets[row], offsets[row + 1] - offsets[row]);
}

}  // namespace

std::span<const std::uint32_t> RowBlock::tokens_of(std::size_t row) const {
  return std::span(token_ids).subspan(token_offsets[row], token_offsets[row + 1] - token_offsets[row]);
}
std::string_view RowBlock::text_of(std::size_t row) const { return piece(text, text_offsets, row); }
std::string_view RowBlock::id_of(std::size_t row) const { return piece(id, id_offsets, row); }
std::span<const std::int32_t> RowBlock::teacher_classes_of(std::size_t row) const {
  return matrix_row(teacher_classes, row, top_k);
}
std::span<const float> RowBlock::teacher_probabilities_of(std::size_t row) const {
  return matrix_row(teacher_probabilities, row, top_k);
}
bool RowBlock::has_teacher(std::size_t row) const { return top_k > 0 && teacher_classes[row * top_k] >= 0; }

void RowBlock::append(const Record& record, std::span<const std::uint32_t> tokens) {
  token_ids.insert(token_ids.end(), tokens.begin(), tokens.end());
  token_offsets.push_back(token_ids.size());
  text += record.text;
  text_offsets.push_back(text.size());
  id += record.id;
  id_offsets.push_back(id.size());
  label.push_back(record.label);
  key.push_back(content_key(record.text));

  // Records come sorted from the adapters; those made elsewhere may not.
  const TeacherDistribution& teacher = record.teacher;
  std::vector<std::size_t> order(teacher.classes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&teacher](std::size_t a, std::size_t b) {
    return teacher.probabilities[a] > teacher.probabilities[b];
  });
  for (std::size_t k = 0; k < top_k; ++k) {
    teacher_classes.push_back(k < order.size() ? teacher.classes[order[k]] : -1);
    teacher_probabilities.push_back(k < order.size() ? teacher.probabilities[order[k]] : 0.0F);
  }
}

}  // namespace noggin::data
