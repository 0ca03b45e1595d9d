#include "data/shards/row_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/rows/content_key.h"

namespace noggin::data {
namespace {

// What is wrong with the offsets of one flat array, or "".
std::string check_offsets(const char* name, const std::vector<std::uint64_t>& offsets, std::uint64_t rows,
                          std::uint64_t end) {
  if (offsets.size() != rows + 1) return fmt::format("{} has {} entries for {} rows", name, offsets.size(), rows);
  if (offsets.front() != 0 || offsets.back() != end) return fmt::format("{} does not span its array", name);
  if (!std::is_sorted(offsets.begin(), offsets.end())) return fmt::format("{} goes backwards", name);
  return {};
}

bool is_fraction(float value) { return value >= 0.0F && value <= 1.0F; }  // false for NaN

// Teacher of one entry, a row or a token.
std::string check_teacher(const ExampleTable& block, std::size_t entry) {
  double sum = 0;
  bool ended = false;
  for (std::size_t i = entry * block.top_k; i < (entry + 1) * block.top_k; ++i) {
    const std::int32_t c = block.teacher_classes[i];
    const float probability = block.teacher_probabilities[i];
    ended = ended || c == -1;
    if (ended ? c != -1 || probability != 0.0F : c < 0 || c >= std::int64_t{block.classes})
      return fmt::format("entry {}: teacher class {}", entry, c);
    if (!is_fraction(probability)) return fmt::format("entry {}: teacher probability {}", entry, probability);
    sum += static_cast<double>(probability);
  }
  if (block.has_values() || sum <= 1.0 + 1e-3) return {};
  return fmt::format("entry {}: teacher probabilities sum to {}", entry, sum);
}

std::string check_entries(const ExampleTable& block, std::uint64_t entries) {
  if (block.label.size() != entries) return fmt::format("label does not have {} entries", entries);
  // A label of multi_label and score only says that there is gold.
  const std::int64_t labels = block.has_values() ? 1 : std::int64_t{block.classes};
  for (std::size_t entry = 0; entry < entries; ++entry) {
    if (block.label[entry] < -1 || block.label[entry] >= labels)
      return fmt::format("entry {}: label {} of {} classes", entry, block.label[entry], block.classes);
    if (std::string problem = check_teacher(block, entry); !problem.empty()) return problem;
  }
  for (const float value : block.gold_values)
    if (!is_fraction(value)) return fmt::format("a gold value is {}", value);
  return {};
}

std::string check_spans(const ExampleTable& block, std::uint64_t rows) {
  const std::size_t spans = block.span_begin.size();
  if (block.gold_rows.size() != rows || block.span_end.size() != spans || block.span_type.size() != spans)
    return "has_gold or the spans have the wrong length";
  if (std::string problem = check_offsets("span_offsets", block.span_offsets, rows, spans); !problem.empty())
    return problem;
  for (std::size_t row = 0; row < rows; ++row) {
    if (block.gold_rows[row] != 0 && block.gold_rows[row] != 1)
      return fmt::format("row {}: has_gold is not 0 or 1", row);
    std::uint64_t free = 0;
    for (std::size_t i = block.span_offsets[row]; i < block.span_offsets[row + 1]; ++i) {
      if (block.span_begin[i] < free || block.span_end[i] <= block.span_begin[i] ||
          block.span_end[i] > block.text_of(row).size() || block.span_type[i] >= block.classes ||
          block.gold_rows[row] == 0)
        return fmt::format("row {}: span {} .. {} of type {}", row, block.span_begin[i], block.span_end[i],
                           block.span_type[i]);
      free = block.span_end[i];
    }
  }
  return {};
}

}  // namespace

std::string check_rows(const ExampleTable& block, std::uint64_t rows) {
  if (block.key.size() != rows) return fmt::format("key does not have {} rows", rows);
  for (const std::string& problem : {check_offsets("token_offsets", block.token_offsets, rows, block.token_ids.size()),
                                     check_offsets("text_offsets", block.text_offsets, rows, block.text.size()),
                                     check_offsets("id_offsets", block.id_offsets, rows, block.id.size())})
    if (!problem.empty()) return problem;
  for (std::size_t row = 0; row < rows; ++row)
    if (block.key[row] != content_key(block.text_of(row)))
      return fmt::format("row {}: key is not the text's hash", row);
  std::string problem = check_entries(block, block.per_token() ? block.token_ids.size() : rows);
  if (problem.empty() && block.per_token()) problem = check_spans(block, rows);
  if (problem.empty() && spec::traits_of(block.task).has_target)
    problem = check_offsets("target_offsets", block.target_offsets, rows, block.target.size());
  return problem;
}

}  // namespace noggin::data
