#include "data/logs/log_row.h"

#include <utility>

#include "data/logs/log_file.h"
#include "data/logs/tag_row.h"

namespace noggin::data {
namespace {

using spec::TaskKind;

Trouble set_text(const RowFields& fields, const RowSchema& schema, Record& record) {
  if (fields.has(RowFields::kText)) {
    record.text = fields.text;
    return std::nullopt;
  }
  if (!spec::traits_of(schema.task).per_token() || !fields.has(RowFields::kTokens))
    return Rejection{Reason::kMissingField, "text"};
  record.text = join_tokens(fields);
  return check_text(record.text);
}

// The row's own distribution.
Trouble set_teacher(const RowFields& fields, const RowSchema& schema, BuiltRow& row) {
  if (!fields.has(RowFields::kValues)) return std::nullopt;
  Checked<BuiltDistribution> result = spec::traits_of(schema.task).activation == spec::Activation::kSigmoid
                                          ? build_independent(fields.kind, fields.words, schema.top_k)
                                          : build_distribution(fields.kind, fields.words, schema.top_k);
  if (auto* bad = std::get_if<Rejection>(&result)) return std::move(*bad);
  auto& built = std::get<BuiltDistribution>(result);
  row.record.teacher = std::move(built.teacher);
  row.notes.unmapped_words = built.unmapped_words;
  row.notes.renormalized = built.renormalized;
  return std::nullopt;
}

void set_labels(const RowFields& fields, const RowSchema& schema, Record& record) {
  if (!fields.has(RowFields::kLabels)) return;
  record.gold_values.assign(schema.labels->names().size(), 0.0F);
  for (const std::int32_t label : fields.labels) record.gold_values[static_cast<std::size_t>(label)] = 1.0F;
}

void set_score(const RowFields& fields, Record& record) {
  if (fields.has(RowFields::kScore)) record.gold_values = {static_cast<float>(fields.score)};
  if (fields.has(RowFields::kProb)) record.teacher = {{0}, {static_cast<float>(fields.prob)}};
}

// Where rows are measured, a target that no deletion gives is kept: answers are compared with it.
Trouble set_target(const RowFields& fields, const RowSchema& schema, Record& record) {
  if (!fields.has(RowFields::kTarget)) return std::nullopt;
  if (record.has_spans) return Rejection{Reason::kSeveralGolds, "a target, and tags or spans"};
  record.target = fields.target;
  if (!schema.keep_gold) return std::nullopt;
  if (auto spans = schema.deletions->find(record.text, record.target)) {
    record.spans = *std::move(spans);
    record.has_spans = true;
    return std::nullopt;
  }
  if (schema.training) return Rejection{Reason::kNotADeletion, {}};
  return std::nullopt;
}

}  // namespace

Checked<BuiltRow> build_row(const RowFields& fields, const RowSchema& schema) {
  BuiltRow row;
  Trouble trouble = set_text(fields, schema, row.record);
  switch (schema.task) {
    case TaskKind::kSingleLabel:
      row.record.label = fields.label;
      if (!trouble) trouble = set_teacher(fields, schema, row);
      break;
    case TaskKind::kMultiLabel:
      set_labels(fields, schema, row.record);
      if (!trouble) trouble = set_teacher(fields, schema, row);
      break;
    case TaskKind::kScore:
      set_score(fields, row.record);
      break;
    case TaskKind::kTag:
    case TaskKind::kEdit:
      if (!trouble) trouble = build_tag_row(fields, schema, row.record, row.notes);
      if (!trouble) trouble = set_target(fields, schema, row.record);
      break;
  }
  if (trouble) return *std::move(trouble);
  return row;
}

}  // namespace noggin::data
