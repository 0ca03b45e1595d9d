#include "data/ingest/text_index.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <vector>

#include "bytes/content_hash.h"
#include "data/rows/content_key.h"
#include "data/rows/near_key.h"

namespace noggin::data {
namespace {

// A digest of what a row says. The lowest bit tells gold from teacher, the next one a class from a hash, the third that
// some row of this text has a teacher's answer, the fourth that the gold is what a teacher wrote: 28 bits are left, so
// that one contradiction in 250 million goes unnoticed.
constexpr std::uint32_t kGoldBit = 1, kHashBit = 2, kTeacherBit = 4, kWrittenBit = 8;
constexpr int kFlagBits = 4;

std::uint32_t digest_of_class(std::int32_t c, bool gold) {
  return static_cast<std::uint32_t>(c + 1) << kFlagBits | (gold ? kGoldBit : 0);
}
std::int32_t class_of_digest(std::uint32_t digest) {
  return (digest & kHashBit) != 0 ? kNoLabel : static_cast<std::int32_t>(digest >> kFlagBits) - 1;
}

template <class Item>
std::uint32_t digest_of(const std::vector<Item>& items, bool gold) {
  const std::uint64_t hash = content_hash(items.data(), items.size() * sizeof(Item));
  return static_cast<std::uint32_t>(hash) << kFlagBits | kHashBit | (gold ? kGoldBit : 0);
}

std::uint32_t digest_of_gold(const Record& record) {
  if (record.label != kNoLabel) return digest_of_class(record.label, true);
  if (!record.gold_values.empty()) return digest_of(record.gold_values, true);
  if (!record.has_spans) return digest_of(std::vector<char>(record.target.begin(), record.target.end()), true);
  std::vector<std::uint32_t> places;
  for (const TypedSpan& span : record.spans) places.insert(places.end(), {span.begin, span.end, span.type});
  return digest_of(places, true);
}

// By first answers: probabilities differ from call to call.
std::uint32_t digest_of_teacher(const Record& record, const TeacherDistribution& teacher, bool exclusive) {
  if (!record.teacher_tokens.empty()) {
    std::vector<std::uint64_t> answers;
    for (const TeacherToken& token : record.teacher_tokens) {
      answers.push_back(token.place.begin);
      answers.push_back(token.teacher.empty() ? 0 : static_cast<std::uint64_t>(token.teacher.classes.front()) + 1);
    }
    return digest_of(answers, false);
  }
  if (exclusive) return digest_of_class(teacher.classes.front(), false);
  std::vector<std::int32_t> yes;
  for (std::size_t k = 0; k < teacher.classes.size(); ++k) {
    if (teacher.probabilities[k] >= 0.5F) yes.push_back(teacher.classes[k]);
  }
  std::sort(yes.begin(), yes.end());
  return digest_of(yes, false);
}

std::uint32_t digest_of(const Record& record, bool exclusive) {
  if (!record.has_gold()) return digest_of_teacher(record, record.teacher, exclusive);
  return digest_of_gold(record) | (record.is_written ? kWrittenBit : 0);
}

void count_repeat(const Record& record, std::uint32_t mine, std::uint32_t other, Repeats& repeats) {
  const std::int32_t label = class_of_digest(mine), other_label = class_of_digest(other);
  const RowExample example{record.file, record.line, record.text, label, other_label};
  if (repeats.rows++ == 0) repeats.repeat = example;
  if (((mine ^ other) & ~kTeacherBit) == 0 || ((mine ^ other) & (kGoldBit | kWrittenBit)) != 0) return;
  if (repeats.contradictions++ == 0) repeats.contradiction = example;
  if (label != kNoLabel && other_label != kNoLabel) ++repeats.classes[std::minmax(label, other_label)];
}

}  // namespace

Result<RepeatOf> TextIndex::add(const Record& record, std::uint64_t row, Repeats& repeats) {
  constexpr std::uint64_t kNoRow = std::numeric_limits<std::uint32_t>::max();
  const bool has_teacher = record.has_teacher();
  const std::uint32_t mine = digest_of(record, exclusive_) | (has_teacher ? kTeacherBit : 0);
  const std::uint64_t key = content_key(record.text);
  answers_.prefetch(key);  // comes from memory while the other key is made
  const std::uint64_t near = near_key(record.text);
  near_.prefetch(near);
  const Result<std::optional<std::uint64_t>> known = answers_.find(key);
  if (!known) return known.error();
  if (!known->has_value()) {
    near_.add(near);
    const Answer answer{mine, static_cast<std::uint32_t>(std::min(row, kNoRow))};
    if (Status status = answers_.add(key, std::bit_cast<std::uint64_t>(answer)); !status) return status.error();
    return RepeatOf{};
  }
  Answer first = std::bit_cast<Answer>(**known);
  count_repeat(record, mine, first.digest, repeats);
  RepeatOf repeat{.is_new = false, .row = first.row};
  const bool had_teacher = (first.digest & kTeacherBit) != 0, had_gold = (first.digest & kGoldBit) != 0;
  if (first.row != kNoRow) {
    repeat.adds_gold = record.has_gold() && !had_gold;
    repeat.replaces_gold = record.has_gold() && !record.is_written && (first.digest & kWrittenBit) != 0;
    repeat.adds_teacher = has_teacher && !had_teacher;
    repeat.averages = has_teacher && had_teacher;
  }
  const std::uint32_t before = first.digest;
  if (repeat.gives_gold()) first.digest = mine;  // gold is what later rows are compared with
  if (has_teacher || had_teacher) first.digest |= kTeacherBit;
  if (first.digest != before)
    if (Status status = answers_.replace(key, std::bit_cast<std::uint64_t>(first)); !status) return status.error();
  return repeat;
}

Status TextIndex::compare(const Record& record, Repeats& repeats) const {
  const Result<std::optional<std::uint64_t>> other = answers_.find(content_key(record.text));
  if (!other) return other.error();
  if (other->has_value()) {
    count_repeat(record, digest_of(record, exclusive_), std::bit_cast<Answer>(**other).digest, repeats);
    return {};
  }
  const std::uint64_t near = near_.count(near_key(record.text));
  if (near > 0 && repeats.near == 0) repeats.near_example = {record.file, record.line, record.text};
  repeats.near += near;
  return {};
}

}  // namespace noggin::data
