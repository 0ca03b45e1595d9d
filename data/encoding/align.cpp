#include "data/encoding/align.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "data/rows/offset_walk.h"

namespace noggin::data {
namespace {

// Mass of B-x joins that of I-x.
TeacherDistribution inside_only(const TeacherDistribution& teacher, const spec::TagScheme& tags) {
  std::vector<std::pair<float, std::int32_t>> masses;
  for (std::size_t k = 0; k < teacher.classes.size(); ++k) {
    auto c = static_cast<std::uint32_t>(teacher.classes[k]);
    if (tags.begins(c)) c = tags.inside_class[tags.type_of[c]];
    const auto same = std::find_if(masses.begin(), masses.end(),
                                   [c](const auto& mass) { return mass.second == static_cast<std::int32_t>(c); });
    if (same == masses.end())
      masses.emplace_back(teacher.probabilities[k], static_cast<std::int32_t>(c));
    else
      same->first = std::min(1.0F, same->first + teacher.probabilities[k]);
  }
  std::stable_sort(masses.begin(), masses.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  TeacherDistribution moved;
  for (const auto& [probability, c] : masses) {
    moved.classes.push_back(c);
    moved.probabilities.push_back(probability);
  }
  return moved;
}

LostSpan lost_span(const Record& record, const TypedSpan& span) {
  return {record.file, record.line, record.text, {span.begin, span.end}};
}

bool fits(std::span<const Word> words, std::size_t begin, std::size_t end) {
  const auto first = std::ranges::lower_bound(words, begin, {}, &Word::begin);
  const auto last = std::ranges::lower_bound(words, end, {}, &Word::end);
  return begin < end && first != words.end() && first->begin == begin && last != words.end() && last->end == end;
}

// Why a span may be misaligned: its log counts in another unit, or takes blanks for a part of it.
void count_likely_cause(const Record& record, const TypedSpan& span, std::span<const Word> words,
                        AlignmentCounts& counts) {
  OffsetWalk logged(record.text, record.unit);
  const std::int64_t start = logged.offset_of(span.begin), stop = logged.offset_of(span.end);
  for (std::size_t i = 0; i < kTextUnitNames.size(); ++i) {
    OffsetWalk other(record.text, static_cast<TextUnit>(i));
    const auto begin = other.byte_of(start), end = begin ? other.byte_of(stop) : std::nullopt;
    counts.misaligned_fit_in[i] += begin && end && fits(words, *begin, *end) ? 1 : 0;
  }
  const std::string_view place = std::string_view(record.text).substr(span.begin, span.end - span.begin);
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = place.find_first_not_of(kBlanks), last = place.find_last_not_of(kBlanks);
  counts.misaligned_fit_trimmed +=
      first != std::string_view::npos && fits(words, span.begin + first, span.begin + last + 1) ? 1 : 0;
}

void set_labels(const Record& record, std::span<const Word> words, bool cut, const spec::TagScheme& tags,
                std::vector<std::int32_t>& label, AlignmentCounts& counts) {
  counts.spans += record.spans.size();
  counts.rows_without_span += record.spans.empty() ? 1 : 0;
  for (const Word& word : words) label[word.token] = static_cast<std::int32_t>(tags.outside);
  std::size_t w = 0;
  for (const TypedSpan& span : record.spans) {
    while (w < words.size() && words[w].begin < span.begin) ++w;
    const std::size_t first = w;
    for (; w < words.size() && words[w].begin < span.end; ++w)
      label[words[w].token] =
          static_cast<std::int32_t>(w == first ? tags.begin_class[span.type] : tags.inside_class[span.type]);
    if (cut && (words.empty() || span.end > words.back().end)) {
      if (counts.cut_spans++ == 0) counts.cut_example = lost_span(record, span);
    } else if (w == first || words[first].begin != span.begin || words[w - 1].end != span.end) {
      if (counts.misaligned_spans++ == 0) counts.misaligned_example = lost_span(record, span);
      count_likely_cause(record, span, words, counts);
    }
  }
}

void set_teacher(const Record& record, std::span<const Word> words, const RowSchema& schema, TokenTargets& targets,
                 AlignmentCounts& counts) {
  const std::size_t top_k = schema.top_k;
  std::size_t t = 0;
  for (std::size_t w = 0; w < words.size(); ++w) {
    while (t < record.teacher_tokens.size() && record.teacher_tokens[t].place.end <= words[w].begin) ++t;
    const TeacherToken* token = t < record.teacher_tokens.size() ? &record.teacher_tokens[t] : nullptr;
    if (token == nullptr || token->place.begin > words[w].begin || token->teacher.empty()) {
      ++counts.words_without_teacher;
      continue;
    }
    // Bytes before the word that belong to no word (a space, a dropped character) do not make the token a later one.
    const bool later = w > 0 && token->place.begin < words[w - 1].end;
    const TeacherDistribution moved = later ? inside_only(token->teacher, schema.tags) : TeacherDistribution();
    const TeacherDistribution& teacher = later ? moved : token->teacher;
    const std::size_t count = std::min(top_k, teacher.classes.size()), at = words[w].token * top_k;
    std::copy_n(teacher.classes.begin(), count, targets.teacher_classes.begin() + static_cast<std::ptrdiff_t>(at));
    std::copy_n(teacher.probabilities.begin(), count,
                targets.teacher_probabilities.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

}  // namespace

std::vector<Word> words_of(std::span<const TextSpan> places, std::span<const std::uint32_t> word_starts) {
  std::vector<Word> words;
  for (std::size_t w = 0; w + 1 < word_starts.size(); ++w) {
    words.push_back({word_starts[w], places[word_starts[w]].begin, places[word_starts[w + 1] - 1].end});
  }
  return words;
}

TokenTargets align(const Record& record, std::span<const Word> words, std::size_t tokens, bool cut,
                   const RowSchema& schema, AlignmentCounts& counts) {
  TokenTargets targets;
  targets.label.assign(tokens, kNoLabel);
  targets.teacher_classes.assign(tokens * schema.top_k, -1);
  targets.teacher_probabilities.assign(tokens * schema.top_k, 0.0F);
  counts.words += words.size();
  if (record.has_spans) set_labels(record, words, cut, schema.tags, targets.label, counts);
  if (record.has_teacher()) set_teacher(record, words, schema, targets, counts);
  return targets;
}

}  // namespace noggin::data
