#include "export/verify/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>

#include "bytes/content_hash.h"
#include "export/report/statistics.h"
#include "export/verify/trace_recorder.h"

namespace noggin::exporter {
namespace {

constexpr std::size_t kTracedSequences = 16;  // differing sequences to trace for the first step that differs

// What one target says about a chunk.
struct Answered {
  train::DatasetLogits logits;
  std::vector<train::Prediction> answers;
};

// Names the earliest step that differs over the first differing sequences.
class DifferingStep {
 public:
  DifferingStep(Target* trainer, Target& target) : trainer_(trainer), target_(target) {}

  void look_at(std::span<const std::uint32_t> ids) {
    if (traced_++ >= kTracedSequences) return;
    TraceRecorder expected, got;
    if (!target_.trace(ids, got)) {
      if (name_.empty()) name_ = target_.untraced();
    } else if (trainer_ == nullptr || !trainer_->trace(ids, expected)) {
      name_ = "unknown: no checkpoint to compare with";
    } else if (const std::size_t step = TraceRecorder::first_difference(expected, got);
               step < earliest_ && step < expected.steps().size()) {
      earliest_ = step;
      name_ = expected.steps()[step].name;
    }
  }
  const std::string& name() const { return name_; }

 private:
  Target* trainer_;
  Target& target_;
  std::size_t traced_ = 0, earliest_ = static_cast<std::size_t>(-1);
  std::string name_;
};

// One target on its way through the chunks.
class Passage {
 public:
  Passage(Target& target, Target* trainer) : target_(target), differing_step_(trainer, target) {}
  bool runs() const { return target_.obstacle().empty(); }

  Status ask(const Chunk& chunk, Answered& answered) {
    chunk.make_room(answered.logits);
    if (Status status = target_.logits(chunk, answered.logits, microseconds_); !status || !runs()) return status;
    Result<std::vector<train::Prediction>> answers = target_.answers(chunk, answered.logits);
    if (!answers) return answers.error();
    answered.answers = *std::move(answers);
    return {};
  }

  void compare(const Chunk& chunk, const Answered& got, const Answered& expected) {
    const std::vector<float>&mine = got.logits.values, &theirs = expected.logits.values;
    hash_.update(mine.data(), mine.size() * sizeof(float));
    for (std::size_t i = 0; i < mine.size(); ++i) {
      report_.max_abs_logit_diff = std::max(report_.max_abs_logit_diff, std::abs(double{mine[i]} - double{theirs[i]}));
    }
    const train::TaskReader& reader = chunk.all.reader;
    const data::ExampleTable& rows = chunk.all.rows;
    for (std::size_t row = chunk.begin; row < chunk.end; ++row) {
      compare_bits(chunk, row, got.logits, expected.logits);
      const train::Prediction &answer = got.answers[row - chunk.begin], &right = expected.answers[row - chunk.begin];
      report_.scores.push_back(reader.score(rows, row, answer));
      if (const auto answered = reader.class_of(answer)) classes_.push_back(*answered);
      if (runtime::same_decision(answer, right)) continue;
      ++report_.prediction_changes;
      report_.changed_predictions.push_back({std::string(rows.id_of(row)), std::string(rows.text_of(row)),
                                             reader.describe(rows, row, right), reader.describe(rows, row, answer), row,
                                             answer});
    }
  }

  TargetReport report(const HeldOutRows& all) {
    if (!runs()) {
      TargetReport none;
      none.name = target_.name();
      none.why_not = target_.obstacle();
      none.misstatements = target_.misstatements();
      return none;
    }
    report_.name = target_.name();
    report_.ran = true;
    report_.misstatements = target_.misstatements();
    report_.rows = report_.scores.size();  // those that were compared
    report_.logits_hash = hash_.digest();
    report_.first_differing_layer = differing_step_.name();
    report_.median_microseconds = median(std::move(microseconds_));
    report_.primary_metric = data::ratio(report_.scores);
    if (!classes_.empty()) {
      report_.classification = data::classification_metrics(classes_, all.rows.label, all.reader.task().none_class);
    }
    return std::move(report_);
  }

 private:
  void compare_bits(const Chunk& chunk, std::size_t row, const train::DatasetLogits& got,
                    const train::DatasetLogits& expected) {
    bool same = true;
    const train::ModelInputs& inputs = chunk.all.inputs;
    for (std::size_t i = inputs.row_sequences[row]; i < inputs.row_sequences[row + 1]; ++i) {
      const std::span<const float> mine = got.sequence(i), theirs = expected.sequence(i);
      if (std::memcmp(mine.data(), theirs.data(), theirs.size_bytes()) == 0) continue;
      same = false;
      differing_step_.look_at(inputs.ids(i));
    }
    if (same) return;
    ++report_.differing_bits_rows;
    if (!report_.first_differing_row) report_.first_differing_row = row;
  }

  Target& target_;
  DifferingStep differing_step_;
  TargetReport report_;
  ContentHasher hash_;
  std::vector<double> microseconds_;
  std::vector<std::int32_t> classes_;  // single_label: per row
};

}  // namespace

std::vector<train::Prediction> answers_of(const TargetReport& target, std::vector<train::Prediction> expected) {
  for (const PredictionChange& change : target.changed_predictions) expected[change.row] = change.answer;
  return expected;
}

Result<Comparison> compare_targets(const HeldOutRows& all, Target* trainer,
                                   const std::vector<std::unique_ptr<Target>>& targets,
                                   const ComparisonOptions& options) {
  std::vector<Passage> passages;
  passages.reserve(targets.size() + 1);
  if (trainer != nullptr) passages.emplace_back(*trainer, trainer);
  for (const std::unique_ptr<Target>& target : targets) passages.emplace_back(*target, trainer);
  const std::uint64_t total = passages.size() * all.rows.rows();
  Comparison result;
  Answered expected, got;
  for (std::size_t begin = 0; begin < all.rows.rows();) {
    const Chunk chunk = chunk_from(all, begin, options.chunk_logits);
    begin = chunk.end;
    bool first = true;
    std::uint64_t done = chunk.begin * passages.size();
    for (Passage& passage : passages) {
      if (passage.runs()) {
        Answered& answered = first ? expected : got;
        if (Status status = passage.ask(chunk, answered); !status) return status.error();
        if (passage.runs()) passage.compare(chunk, answered, expected);
        if (passage.runs()) first = false;
      }
      done += chunk.rows();
      if (options.progress) options.progress(done, total);
    }
    if (trainer != nullptr) {
      all.reader.add_stated(all.rows, all.inputs, expected.logits, chunk.begin, chunk.end, result.stated);
    }
    if (!first) std::ranges::move(expected.answers, std::back_inserter(result.answers));
  }
  for (Passage& passage : passages) result.targets.push_back(passage.report(all));
  if (trainer != nullptr) {
    result.training = std::move(result.targets.front());
    result.targets.erase(result.targets.begin());
  }
  return result;
}

}  // namespace noggin::exporter
