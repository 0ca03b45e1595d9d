// From logits to answers and their scores, for every kind of task: used by trainer, exporter, verification and reports
// alike. The answers themselves come from the runtime's code (engine/answer.h, engine/tag_text.h).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/metrics/row_score.h"
#include "data/shards/example_table.h"
#include "engine/tag_text.h"
#include "format/frozen_model.h"
#include "noggin/engine.h"
#include "train/task/model_inputs.h"

namespace noggin::train {

// The answer of a device for one row, as numbers that compare exactly:
//   single_label {class, 1 if abstained}    multi_label {classes above their threshold, ascending}
//   score {thousandths, 1 if positive}      tag, edit {begin, end, type} of each span, in order
using RowAnswer = std::vector<std::int32_t>;

// The task of an open model.
format::TaskContents task_contents(const Model& model);

// Logits and gold class of each decision: one per text, or one per word.
struct Decisions {
  std::vector<float> logits;       // [n, C]
  std::vector<std::int32_t> gold;  // [n]
};

// Immutable; may be shared by threads.
class TaskReader {
 public:
  // kInvalidArgument when tokenizer or labels are not those of a valid model.
  static Result<std::unique_ptr<const TaskReader>> create(const format::TaskContents& task,
                                                          const runtime::TokenizerContents& tokenizer,
                                                          std::uint32_t max_tokens);
  // With the tokenizer of an open model, which must outlive the reader, unless the tokenizer is bound to `section`.
  static Result<std::unique_ptr<const TaskReader>> create(const format::TaskContents& task,
                                                          const runtime::WordPieceTokenizer& tokenizer,
                                                          std::uint32_t max_tokens,
                                                          std::vector<std::byte> section = {});
  // Without a tokenizer, for a task that answers per text (kInvalidArgument for others): for n-gram models. The caller
  // provides the passes.
  static Result<std::unique_ptr<const TaskReader>> create(const format::TaskContents& task);
  TaskReader(const TaskReader&) = delete;  // its members refer to each other
  TaskReader& operator=(const TaskReader&) = delete;

  const format::TaskContents& task() const { return task_; }
  std::span<const std::string_view> types() const { return scheme_.types; }  // of spans; per-token tasks
  bool per_token() const { return spec::is_per_token(task_.kind); }
  // "accuracy", "span F1", ...: what score() measures.
  const char* primary_metric_name() const;

  ModelInputs inputs(const data::ExampleTable& rows) const;  // needs a tokenizer
  // The answer of a device for row `row`: passes in the order of `inputs`.
  RowAnswer answer(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits,
                   std::size_t row) const;
  // The same from logits [C], for tasks that answer per text.
  RowAnswer answer_of_text(std::span<const float> logits) const;
  std::vector<RowAnswer> answers(const data::ExampleTable& rows, const ModelInputs& inputs,
                                 const DatasetLogits& logits) const;
  // The same, from the answer of a session.
  static RowAnswer from_spans(std::span<const TaggedSpan> spans);
  static RowAnswer from_score(float probability, std::span<const float> thresholds);
  static RowAnswer above_thresholds(std::span<const float> probabilities, std::span<const float> thresholds);

  // Back from RowAnswer: the spans of tag and edit answers, the edited text, the single_label answer.
  static std::vector<data::TypedSpan> spans_of(const RowAnswer& answer);
  static std::string edited(const data::ExampleTable& rows, std::size_t row, const RowAnswer& answer);
  static std::vector<std::int32_t> classes_of(const std::vector<RowAnswer>& answers);

  // The teacher's answers from its log, with spans decoded from word probabilities as for a student; nullopt unless it
  // answered every row.
  std::optional<std::vector<RowAnswer>> teacher_answers(const data::ExampleTable& rows) const;

  // Score against gold; {0, 0} if the row has none. score: 1 when answer and gold are both positive or both negative;
  // tag: 2 * right / (found + expected); edit: exact match of the edited text.
  data::RowScore score(const data::ExampleTable& rows, std::size_t row, const RowAnswer& answer) const;
  std::vector<data::RowScore> scores(const data::ExampleTable& rows, const std::vector<RowAnswer>& answers) const;

  // "refund", "PERSON[0,5) ...": for reports.
  std::string describe(const data::ExampleTable& rows, std::size_t row, const RowAnswer& answer) const;

  // For a softmax task: every labelled text or word. Rows with several passes are left out.
  Decisions decisions(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits) const;
  // Mean negative log-likelihood of gold over all of these (multi_label, score: over rows and classes); natural
  // logarithm.
  double cross_entropy(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits) const;

 private:
  TaskReader(const format::TaskContents& task, std::optional<runtime::WordPieceTokenizer> tokenizer,
             std::uint32_t max_tokens);
  std::vector<TaggedSpan> spans(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits,
                                std::size_t row) const;

  format::TaskContents task_;
  std::vector<std::byte> section_;  // bytes that tokenizer_ is bound to, unless a model owns them
  std::optional<runtime::WordPieceTokenizer> tokenizer_;
  std::vector<std::string_view> names_;
  spec::TagScheme scheme_;  // per-token tasks only; views names_
  std::uint32_t max_tokens_;
};

}  // namespace noggin::train
