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

// A label with a confidence is the teacher's answer, not gold; the confidence is all that is known of its distribution.
// A confidence that is missing where the log has one leaves the label.
Trouble set_confident_label(const RowFields& fields, const RowSchema& schema, BuiltRow& row) {
  if (fields.label == kNoLabel || fields.has(RowFields::kValues)) return std::nullopt;
  const ClassMass only{fields.label, fields.has(RowFields::kConfidence) ? fields.confidence : 1.0};
  row.record.teacher = distribution_of({&only, 1}, schema.top_k);
  row.notes.reading = fields.has(RowFields::kConfidence) ? RowNotes::Reading::kConfidence : RowNotes::Reading::kText;
  if (row.record.teacher.empty()) return Rejection{Reason::kNoMass, "a label with confidence 0"};
  return std::nullopt;
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
      if ((fields.seen & RowFields::kConfidence) == 0)
        row.record.label = fields.label;
      else if (!trouble)
        trouble = set_confident_label(fields, schema, row);
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
  row.notes.numbered_classes = fields.numbered;
  return row;
}

}  // namespace noggin::data
