// From logits to answers, their scores and figures, for every kind of task: used by trainer, export, verification and
// reports alike. The answers themselves come from the runtime's code (engine/answer.h, engine/tag_text.h). Each kind
// has a file in this folder, listed in task_reader.cpp; what all have in common is here.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/metrics/row_score.h"
#include "data/shards/example_table.h"
#include "export/report/statistics.h"
#include "format/frozen_model.h"
#include "noggin/engine.h"
#include "prediction/prediction.h"
#include "spec/tag_scheme.h"
#include "train/task/model_inputs.h"
#include "train/task/stated_figures.h"

namespace noggin::train {

using runtime::Prediction;
struct Figures;  // train/task/figures.h

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
  virtual ~TaskReader() = default;
  TaskReader(const TaskReader&) = delete;  // its members refer to each other
  TaskReader& operator=(const TaskReader&) = delete;

  const format::TaskContents& task() const { return parts_.task; }
  const spec::TaskTraits& traits() const { return spec::traits_of(parts_.task.kind); }
  std::span<const std::string_view> types() const { return scheme_.types; }  // of spans; per-token tasks
  bool per_token() const { return traits().per_token(); }

  ModelInputs inputs(const data::ExampleTable& rows) const;  // needs a tokenizer
  // From logits [C], for tasks that answer per text: the answer of a device.
  Prediction answer_of_text(std::span<const float> logits) const;
  std::vector<Prediction> answers(const data::ExampleTable& rows, const ModelInputs& inputs,
                                  const DatasetLogits& logits) const;
  // The teacher's answers from its log, with spans decoded from word probabilities as for a student; nullopt unless it
  // answered every row.
  std::optional<std::vector<Prediction>> teacher_answers(const data::ExampleTable& rows) const;
  std::vector<data::RowScore> scores(const data::ExampleTable& rows, const std::vector<Prediction>& answers) const;
  std::optional<std::vector<std::int32_t>> classes(const std::vector<Prediction>& answers) const;  // class_of() each
  // For a softmax task: every labelled text or word. Rows with several passes are left out.
  Decisions decisions(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits) const;
  // Mean negative log-likelihood of gold over all of these (multi_label, score: over rows and classes); natural
  // logarithm.
  double cross_entropy(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits) const;

  // What each kind defines. ------------------------------------------------------------------------------------------

  // "accuracy", "span F1", ...: what score() measures.
  virtual const char* primary_metric_name() const = 0;
  // The answer of a device for row `row`: passes in the order of `inputs`. By default answer_of_text().
  virtual Prediction answer(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits,
                            std::size_t row) const;
  // The same without what is found beside the model, such as by checks.
  virtual Prediction answer_of_logits(const data::ExampleTable& rows, const ModelInputs& inputs,
                                      const DatasetLogits& logits, std::size_t row) const {
    return answer(rows, inputs, logits, row);
  }
  // One row's part of the primary metric; {0, 0} if the row has no gold.
  virtual data::RowScore score(const data::ExampleTable& rows, std::size_t row, const Prediction& answer) const = 0;
  // "refund", "PERSON[0,5) ...": for reports.
  virtual std::string describe(const data::ExampleTable& rows, std::size_t row, const Prediction& answer) const = 0;
  // Metrics in addition to the primary one, and where the answers err.
  virtual Figures figures(const data::ExampleTable& rows, const StatedFigures& stated,
                          const std::vector<Prediction>& answers, const exporter::BootstrapOptions& options) const = 0;
  // Adds what figures() needs of the logits of rows begin..end - 1. logits.values: of these rows alone.
  virtual void add_stated(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits,
                          std::size_t begin, std::size_t end, StatedFigures& stated) const;
  // The class that an answer gives; nullopt unless the task is a classification.
  virtual std::optional<std::int32_t> class_of(const Prediction& answer) const;

  // What a reader is made of.
  struct Parts {
    format::TaskContents task;
    std::optional<runtime::WordPieceTokenizer> tokenizer;
    std::uint32_t max_tokens = 0;
    std::vector<std::byte> section{};  // bytes that the tokenizer is bound to, unless a model owns them
  };

 protected:
  explicit TaskReader(Parts parts);
  const Parts& parts() const { return parts_; }
  const spec::TagScheme& scheme() const { return scheme_; }

 private:
  static Result<std::unique_ptr<const TaskReader>> make(Parts parts);

  Parts parts_;
  std::vector<std::string_view> names_;
  spec::TagScheme scheme_;  // views names_
};

}  // namespace noggin::train
