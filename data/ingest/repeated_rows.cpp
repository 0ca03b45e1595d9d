#include "data/ingest/repeated_rows.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <utility>

#include "data/shards/shard.h"

namespace noggin::data {
namespace {

std::size_t first_entry(const ExampleTable& block, std::size_t row) {
  return block.per_token() ? block.token_offsets[row] : row;
}

std::size_t entries_of(const ExampleTable& block, std::size_t row) {
  return block.per_token() ? block.token_offsets[row + 1] - block.token_offsets[row] : 1;
}

// class -> probability of one entry; empty: no answer.
std::map<std::int32_t, double> answer_at(const ExampleTable& block, std::size_t entry) {
  std::map<std::int32_t, double> answer;
  for (std::size_t k = entry * block.top_k; k < (entry + 1) * block.top_k; ++k)
    if (block.teacher_classes[k] >= 0) answer[block.teacher_classes[k]] = double{block.teacher_probabilities[k]};
  return answer;
}

double distance(const std::map<std::int32_t, double>& a, const std::map<std::int32_t, double>& b) {
  double sum = 0.0;
  for (const auto& [c, p] : a) sum += std::abs(p - (b.contains(c) ? b.at(c) : 0.0));
  for (const auto& [c, p] : b) sum += a.contains(c) ? 0.0 : p;
  return sum / 2.0;
}

// Spans and targets have no fixed length: their arrays are made again, with those of the given rows from `repeats`.
void replace_texts_of_gold(ExampleTable& block, const ExampleTable& repeats,
                           const std::map<std::size_t, std::size_t>& from) {
  if (from.empty() || !block.per_token()) return;
  ExampleTable fresh;
  for (std::size_t row = 0; row < block.rows(); ++row) {
    const auto found = from.find(row);
    const ExampleTable& source = found == from.end() ? block : repeats;
    const std::size_t at = found == from.end() ? row : found->second;
    for (const TypedSpan& span : source.spans_of(at)) {
      fresh.span_begin.push_back(span.begin);
      fresh.span_end.push_back(span.end);
      fresh.span_type.push_back(span.type);
    }
    fresh.span_offsets.push_back(fresh.span_begin.size());
    if (!spec::traits_of(block.task).has_target) continue;
    fresh.target += source.target_of(at);
    fresh.target_offsets.push_back(fresh.target.size());
  }
  block.span_begin = std::move(fresh.span_begin);
  block.span_end = std::move(fresh.span_end);
  block.span_type = std::move(fresh.span_type);
  block.span_offsets = std::move(fresh.span_offsets);
  block.target = std::move(fresh.target);
  block.target_offsets = std::move(fresh.target_offsets);
}

}  // namespace

void RepeatedRows::add(const Record& record, const EncodedRow& row, const RepeatOf& repeat) {
  const bool gives_gold = repeat.gives_gold(), answers = repeat.adds_teacher || repeat.averages;
  if (!gives_gold && !answers) return;
  entries_.push_back({repeat.row, repeats_.rows(), gives_gold, answers});
  repeats_.append(record, row.tokens, row.targets);
}

void RepeatedRows::merge_gold(ExampleTable& block, std::size_t row, std::size_t repeat) {
  const std::size_t to = first_entry(block, row), from = first_entry(repeats_, repeat);
  std::copy_n(repeats_.label.begin() + static_cast<std::ptrdiff_t>(from), entries_of(block, row),
              block.label.begin() + static_cast<std::ptrdiff_t>(to));
  if (block.has_values())
    std::copy_n(repeats_.gold_values.begin() + static_cast<std::ptrdiff_t>(repeat * block.classes), block.classes,
                block.gold_values.begin() + static_cast<std::ptrdiff_t>(row * block.classes));
  if (block.per_token()) block.gold_rows[row] = repeats_.gold_rows[repeat];
}

// Entry by entry: the mean of all answers there are. Equal answers are left as they are, to the bit.
void RepeatedRows::merge_answers(ExampleTable& block, std::size_t row, const std::vector<std::size_t>& answers) {
  double of_row = 0.0;
  std::size_t answered = 0;
  const std::size_t first = first_entry(block, row), count = entries_of(block, row);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::map<std::int32_t, double>> all;
    if (auto own = answer_at(block, first + i); !own.empty()) all.push_back(std::move(own));
    for (const std::size_t repeat : answers)
      if (auto other = answer_at(repeats_, first_entry(repeats_, repeat) + i); !other.empty())
        all.push_back(std::move(other));
    if (all.empty()) continue;
    std::map<std::int32_t, double> mean;
    if (std::all_of(all.begin(), all.end(), [&all](const auto& answer) { return answer == all.front(); })) {
      mean = all.front();
    } else {
      for (const auto& answer : all)
        for (const auto& [c, p] : answer) mean[c] += p / static_cast<double>(all.size());
    }
    if (all.size() > 1) {
      for (const auto& answer : all) {
        const double apart = distance(answer, mean);
        of_row += apart;
        spread_.largest = std::max(spread_.largest, apart);
      }
      answered += all.size();
    }
    std::vector<std::pair<double, std::int32_t>> order;
    for (const auto& [c, p] : mean) order.emplace_back(-p, c);
    std::sort(order.begin(), order.end());
    for (std::size_t k = 0; k < block.top_k; ++k) {
      const std::size_t at = (first + i) * block.top_k + k;
      block.teacher_classes[at] = k < order.size() ? order[k].second : -1;
      block.teacher_probabilities[at] = k < order.size() ? static_cast<float>(-order[k].first) : 0.0F;
    }
  }
  if (answered == 0) return;
  ++spread_.texts;
  spread_.answers += answered;
  spread_.mean += of_row;  // a sum until all are merged
}

Status RepeatedRows::merge_into(const std::vector<std::string>& shards, const std::vector<std::uint64_t>& rows) {
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.row < b.row; });
  auto next = entries_.begin();
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < shards.size(); begin += rows[i], ++i) {
    const auto last =
        std::find_if(next, entries_.end(), [&](const Entry& entry) { return entry.row >= begin + rows[i]; });
    if (next == last) continue;
    Result<ExampleTable> block = read_shard(shards[i]);
    if (!block) return block.error();
    std::map<std::size_t, std::size_t> gold;
    while (next != last) {
      const std::uint64_t row = next->row;
      const auto at = static_cast<std::size_t>(row - begin);
      std::vector<std::size_t> answers;
      for (; next != last && next->row == row; ++next) {
        if (next->gives_gold) {
          merge_gold(*block, at, next->repeat);
          gold[at] = next->repeat;
        }
        if (next->has_answer) answers.push_back(next->repeat);
      }
      if (!answers.empty()) merge_answers(*block, at, answers);
    }
    replace_texts_of_gold(*block, repeats_, gold);
    if (Status status = write_shard(*block, shards[i]); !status) return status;
  }
  if (spread_.answers > 0) spread_.mean /= static_cast<double>(spread_.answers);
  return {};
}

}  // namespace noggin::data
