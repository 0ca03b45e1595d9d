#include "data/ingest/split_contents.h"

#include <fmt/format.h>

#include <algorithm>

namespace noggin::data {
namespace {

constexpr float kIsAnswer = 0.5F;

std::vector<std::string> class_names(const RowSchema& schema, float gold_threshold) {
  const spec::TaskTraits& task = spec::traits_of(schema.task);
  if (task.per_token()) return {schema.tags.types.begin(), schema.tags.types.end()};
  if (task.is_number())
    return {fmt::format("scores below {}", gold_threshold), fmt::format("scores of at least {}", gold_threshold)};
  return schema.labels->names();
}

TargetCounts target_of(bool gold, bool teacher) {
  return {1, gold ? 1U : 0U, teacher ? 1U : 0U, gold && teacher ? 1U : 0U};
}

}  // namespace

ContentCounter::ContentCounter(const RowSchema& schema, float gold_threshold)
    : schema_(schema), gold_threshold_(gold_threshold) {
  classes_.names = class_names(schema, gold_threshold);
  classes_.gold.resize(classes_.names.size());
  classes_.teacher.resize(classes_.names.size());
}

void ContentCounter::add(const Record& record, const EncodedRow* row) {
  const bool gold = record.has_gold(), teacher = record.has_teacher();
  const TargetCounts counts = has_words(row) ? words_of(*row) : target_of(gold, teacher);
  targets_.all += counts.all;
  targets_.gold += counts.gold;
  targets_.teacher += counts.teacher;
  targets_.both += counts.both;
  mark_classes(record);
  for (std::size_t i = 0; i < classes_.names.size(); ++i) {
    classes_.gold[i] += in_gold_[i] != 0 ? 1 : 0;
    classes_.teacher[i] += in_teacher_[i] != 0 ? 1 : 0;
  }
}

// Every word of a text with gold has a label, so that a joined word with an answer has both.
void ContentCounter::join(const Record& record, const EncodedRow* row, const RepeatOf& repeat) {
  if (!repeat.adds_gold && !repeat.adds_teacher) return;
  const TargetCounts counts = has_words(row) ? words_of(*row) : target_of(record.has_gold(), record.has_teacher());
  targets_.gold += repeat.adds_gold ? counts.gold : 0;
  targets_.teacher += repeat.adds_teacher ? counts.teacher : 0;
  targets_.both += repeat.adds_gold ? counts.gold : counts.teacher;
  mark_classes(record);
  for (std::size_t i = 0; i < classes_.names.size(); ++i) {
    classes_.gold[i] += repeat.adds_gold && in_gold_[i] != 0 ? 1 : 0;
    classes_.teacher[i] += repeat.adds_teacher && in_teacher_[i] != 0 ? 1 : 0;
  }
}

TargetCounts ContentCounter::words_of(const EncodedRow& row) const {
  TargetCounts counts;
  const std::size_t top_k = row.tokens.empty() ? 0 : row.targets.teacher_classes.size() / row.tokens.size();
  for (const Word& word : row.words) {
    const TargetCounts one = target_of(row.targets.label[word.token] != kNoLabel,
                                       top_k > 0 && row.targets.teacher_classes[word.token * top_k] >= 0);
    ++counts.all;
    counts.gold += one.gold;
    counts.teacher += one.teacher;
    counts.both += one.both;
  }
  return counts;
}

void ContentCounter::mark_type(std::int32_t c, std::vector<char>& seen) const {
  const std::uint32_t type = schema_.tags.type_of[static_cast<std::size_t>(c)];
  if (type != spec::TagScheme::kOutside) seen[type] = 1;
}

void ContentCounter::mark_classes(const Record& record) {
  in_gold_.assign(classes_.names.size(), 0);
  in_teacher_ = in_gold_;
  const spec::TaskTraits& task = spec::traits_of(schema_.task);
  const TeacherDistribution& teacher = record.teacher;
  if (task.per_token()) {
    for (const TypedSpan& span : record.spans) in_gold_[span.type] = 1;
    for (const TeacherToken& token : record.teacher_tokens)
      if (!token.teacher.empty()) mark_type(token.teacher.classes.front(), in_teacher_);
  } else if (task.is_number()) {
    if (!record.gold_values.empty()) in_gold_[side(record.gold_values[0])] = 1;
    if (!teacher.empty()) in_teacher_[side(teacher.probabilities[0])] = 1;
  } else if (task.is_classification()) {
    if (record.label != kNoLabel) in_gold_[static_cast<std::size_t>(record.label)] = 1;
    if (!teacher.empty()) in_teacher_[static_cast<std::size_t>(teacher.classes.front())] = 1;
  } else {
    for (std::size_t c = 0; c < record.gold_values.size(); ++c)
      in_gold_[c] = record.gold_values[c] >= kIsAnswer ? 1 : 0;
    for (std::size_t k = 0; k < teacher.classes.size(); ++k)
      if (teacher.probabilities[k] >= kIsAnswer) in_teacher_[static_cast<std::size_t>(teacher.classes[k])] = 1;
  }
}

}  // namespace noggin::data
