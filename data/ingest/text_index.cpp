#include "data/ingest/text_index.h"

#include <algorithm>
#include <vector>

#include "bytes/content_hash.h"
#include "data/rows/content_key.h"

namespace noggin::data {
namespace {

// A digest of what a row says. The lowest bit tells gold from teacher, the next one a class from a hash: 30 bits, so
// that one contradiction in a billion goes unnoticed.
constexpr std::uint32_t kGoldBit = 1, kHashBit = 2;

std::uint32_t digest_of_class(std::int32_t c, bool gold) {
  return static_cast<std::uint32_t>(c + 1) << 2 | (gold ? kGoldBit : 0);
}
std::int32_t class_of_digest(std::uint32_t digest) {
  return (digest & kHashBit) != 0 ? kNoLabel : static_cast<std::int32_t>(digest >> 2) - 1;
}

template <class Item>
std::uint32_t digest_of(const std::vector<Item>& items, bool gold) {
  const std::uint64_t hash = content_hash(items.data(), items.size() * sizeof(Item));
  return static_cast<std::uint32_t>(hash) << 2 | kHashBit | (gold ? kGoldBit : 0);
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
  return record.has_gold() ? digest_of_gold(record) : digest_of_teacher(record, record.teacher, exclusive);
}

void count_repeat(const Record& record, std::uint32_t mine, std::uint32_t other, Repeats& repeats) {
  const std::int32_t label = class_of_digest(mine), other_label = class_of_digest(other);
  const RowExample example{record.file, record.line, record.text, label, other_label};
  if (repeats.rows++ == 0) repeats.repeat = example;
  if (mine == other || (mine & kGoldBit) != (other & kGoldBit)) return;
  if (repeats.contradictions++ == 0) repeats.contradiction = example;
  if (label != kNoLabel && other_label != kNoLabel) ++repeats.classes[std::minmax(label, other_label)];
}

}  // namespace

bool TextIndex::add(const Record& record, Repeats& repeats) {
  const std::uint32_t mine = digest_of(record, exclusive_);
  const auto [first, is_new] = answers_.insert(content_key(record.text), mine);
  if (!is_new) count_repeat(record, mine, first, repeats);
  if ((mine & kGoldBit) > (first & kGoldBit)) {
    if (!is_new && repeats.late_gold++ == 0) repeats.gold = {record.file, record.line, record.text};
    first = mine;  // gold is what later rows are compared with
  }
  return is_new;
}

void TextIndex::compare(const Record& record, Repeats& repeats) const {
  if (const std::uint32_t* other = answers_.find(content_key(record.text)))
    count_repeat(record, digest_of(record, exclusive_), *other, repeats);
}

}  // namespace noggin::data
