#include "data/ingest/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/logs/adapter_json_object.h"
#include "data/logs/adapter_jsonl.h"
#include "data/logs/adapter_openai.h"
#include "data/logs/adapter_tsv.h"
#include "data/logs/quarantine.h"
#include "data/logs/row_fields.h"
#include "data/logs/row_sink.h"
#include "data/rows/invalid.h"
#include "data/rows/row_schema.h"

namespace noggin::data {
namespace {

class SplitReader final : public RowSink {
 public:
  SplitReader(const SplitInput& input, const IngestOptions& options, const std::string& quarantine_path,
              const std::function<Status(Record&&)>& accept, SplitTexts* texts, spec::TaskKind task)
      : input_(input),
        options_(options),
        task_(task),
        quarantine_path_(quarantine_path),
        quarantine_(quarantine_path),
        accept_(accept),
        texts_(texts == nullptr ? private_texts_ : *texts),
        own_texts_(texts_.try_emplace(input.name, task).first->second) {}

  Status accept(Record&& record, const RowNotes& notes) override {
    if (input_.training && !options_.use_gold_labels) forget_gold(record);
    if (!record.has_gold() && !record.has_teacher())
      return reject(record.file, record.line, {Reason::kNoTarget, {}}, record.text);
    ++report_.lines;
    if (leave_out(record)) {
      ++report_.filtered;
      return {};
    }
    report_.unmapped_words += notes.unmapped_words;
    report_.renormalized += notes.renormalized ? 1 : 0;
    const bool is_new = own_texts_.add(record, own_repeats_);
    report_.duplicates += is_new ? 0 : 1;
    if (!is_new && input_.training) return {};
    ++report_.accepted;
    report_.with_label += record.has_gold() ? 1 : 0;
    report_.with_teacher += record.has_teacher() ? 1 : 0;
    report_.normalized_tags += notes.normalized_tags;
    for (const auto& [name, texts] : texts_)
      if (&texts != &own_texts_) texts.compare(record, report_.repeats[name]);
    return accept_(std::move(record));
  }

  Status reject(const std::string& file, std::uint64_t line, const Rejection& rejection,
                std::string_view content) override {
    ++report_.lines;
    ++report_.rejected[std::string(reason_code(rejection.reason))];
    if (Status status = quarantine_.add(file, line, rejection, content); !status) return status;
    if (report_.lines < kHopelessLines || report_.rejected_lines() < report_.lines) return {};
    if (Status status = quarantine_.flush(); !status) return status;
    return Error{
        ErrorCode::kBadData,
        fmt::format("{}: none of the first {} lines of split \"{}\" can be used ({}). The last one: {}. Fix: check the "
                    "adapter and the path of this source{}",
                    file, report_.lines, input_.name, top_reasons(report_), describe(file, line, rejection),
                    see_quarantine())};
  }

  void superseded() override {
    ++report_.lines;
    ++report_.retried;
  }

  void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) override {
    report_.files.push_back({path, bytes, hash});
  }

  Status finish() { return quarantine_.flush(); }
  SplitReport take_report() {
    report_.repeats[input_.name] = std::move(own_repeats_);
    return std::move(report_);
  }

 private:
  static void forget_gold(Record& record) {
    record.label = kNoLabel;
    record.gold_values.clear();
    record.has_spans = false;
    record.spans.clear();
    record.target.clear();
  }
  // Filters by the teacher's certainty: true for a row with nothing left to learn.
  bool leave_out(Record& record) {
    if (!input_.training || options_.min_teacher_probability == 0.0 || record.has_gold()) return false;
    if (record.teacher_tokens.empty()) return certainty(record.teacher) < options_.min_teacher_probability;
    for (TeacherToken& token : record.teacher_tokens) {
      if (token.teacher.empty() || certainty(token.teacher) >= options_.min_teacher_probability) continue;
      token.teacher = {};
      ++report_.filtered_words;
    }
    return !record.has_teacher();
  }
  double certainty(const TeacherDistribution& teacher) const {
    if (spec::traits_of(task_).activation == spec::Activation::kSoftmax) return double{teacher.probabilities.front()};
    double least = 1.0;
    for (const float p : teacher.probabilities) least = std::min(least, std::max(double{p}, 1.0 - double{p}));
    return least;
  }
  std::string see_quarantine() const {
    return quarantine_path_.empty() ? std::string() : "; every rejected line is in " + quarantine_path_;
  }

  const SplitInput& input_;
  const IngestOptions& options_;
  spec::TaskKind task_;
  std::string quarantine_path_;
  Quarantine quarantine_;
  const std::function<Status(Record&&)>& accept_;
  SplitTexts private_texts_;
  SplitTexts& texts_;
  TextIndex& own_texts_;
  Repeats own_repeats_;
  SplitReport report_;
};

Status check_source(const Source& source, const RowSchema& schema) {
  for (const auto& [field, name] : source.fields)
    if (!is_field_name(field))
      return invalid(
          fmt::format("{}: \"{}\" is not a field of a row. Fix: see data/README.md for the names, and write "
                      "each as `field: name in the log`",
                      source.path, field));
  if (source.adapter == Adapter::kTsv && source.columns.empty())
    return invalid(source.path + ": a tsv source needs the names of its columns. Fix: set `columns`, as [text, label]");
  if (source.adapter != Adapter::kOpenAiBatch) return {};
  if (source.requests_path.empty())
    return invalid(source.path + ": an openai_batch source needs its request file too. Fix: set `requests`");
  if (spec::traits_of(schema.task).is_classification()) return {};
  return invalid(
      fmt::format("{}: an openai_batch log gives one class per text, but the task is {}. Fix: write its answers as "
                  "JSON lines",
                  source.path, spec::task_name(schema.task)));
}

Status read_source(const Source& source, const RowSchema& schema, const IngestOptions& options, RowSink& sink) {
  if (Status status = check_source(source, schema); !status) return status;
  switch (source.adapter) {
    case Adapter::kJsonl:
      return read_jsonl(source, schema, sink);
    case Adapter::kJsonObject:
      return read_json_object(source, schema, sink);
    case Adapter::kTsv:
      return read_tsv(source, schema, sink);
    case Adapter::kOpenAiBatch:
      return read_openai_batch(source.requests_path, source.path, *schema.labels, options, sink);
  }
  return {};
}

}  // namespace

std::uint64_t SplitReport::rejected_lines() const {
  std::uint64_t sum = 0;
  for (const auto& [reason, count] : rejected) sum += count;
  return sum;
}

std::uint64_t SplitReport::repeated_from(const std::string& split) const {
  const auto found = repeats.find(split);
  return found == repeats.end() ? 0 : found->second.rows;
}

std::uint64_t SplitReport::faulty_lines() const {
  const auto sound = rejected.find(std::string(reason_code(Reason::kNotADeletion)));
  return rejected_lines() - (sound == rejected.end() ? 0 : sound->second);
}

Result<SplitReport> read_split(const SplitInput& input, const LabelSet& labels, const IngestOptions& options,
                               const std::string& quarantine_path, const std::function<Status(Record&&)>& accept,
                               SplitTexts* texts, spec::TaskKind task) {
  if (options.top_k == 0)
    return Error{ErrorCode::kInvalidArgument, "data.top_k is 0. Fix: keep at least one class per row"};
  if (!(options.min_teacher_probability >= 0.0 && options.min_teacher_probability <= 1.0))
    return invalid(
        fmt::format("data.min_teacher_probability is {}, must be in [0, 1]", options.min_teacher_probability));
  if (options.min_teacher_probability > 0.0 && spec::traits_of(task).is_number())
    return invalid("data.min_teacher_probability is meaningless for a score: 0.5 is an answer. Fix: remove it");
  Result<RowSchema> schema = RowSchema::create(task, labels, options.top_k);
  if (!schema) return schema.error();
  schema->training = input.training;
  schema->keep_gold = !input.training || options.use_gold_labels;
  SplitReader reader(input, options, quarantine_path, accept, texts, task);
  for (const Source& source : input.sources)
    if (Status status = read_source(source, *schema, options, reader); !status) return status.error();
  if (Status status = reader.finish(); !status) return status.error();
  return reader.take_report();
}

Status check_split(const std::string& split, const SplitReport& counts, const IngestOptions& options,
                   const std::string& see) {
  const std::uint64_t rejected = counts.faulty_lines();
  if (counts.accepted == 0)
    return Error{ErrorCode::kBadData,
                 fmt::format("split \"{}\": none of its {} lines can be used ({}; {} left out by "
                             "min_teacher_probability). Fix: check path and adapter of its sources{}",
                             split, counts.lines, top_reasons(counts), counts.filtered, see)};
  if (static_cast<double>(rejected) <= options.quarantine_budget * static_cast<double>(counts.lines)) return {};
  return Error{
      ErrorCode::kBadData,
      fmt::format("split \"{}\": {} of {} lines were rejected ({:.2f} %), more than the budget of {:.2f} % ({}). Fix: "
                  "repair the log, or raise data.quarantine_budget{}",
                  split, rejected, counts.lines,
                  100.0 * static_cast<double>(rejected) / static_cast<double>(counts.lines),
                  100.0 * options.quarantine_budget, top_reasons(counts), see)};
}

Status check_has_gold(const std::string& split, std::uint64_t rows, std::uint64_t with_gold) {
  if (with_gold > 0) return {};
  return Error{ErrorCode::kBadData,
               fmt::format("split \"{}\": none of its {} rows has gold: nothing can be measured with them. Fix: label "
                           "them, or check the fields of its sources",
                           split, rows)};
}

std::string top_reasons(const SplitReport& report, std::size_t max_count) {
  std::vector<std::pair<std::uint64_t, std::string>> reasons;
  for (const auto& [reason, count] : report.rejected) reasons.emplace_back(count, reason);
  std::stable_sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (std::size_t i = 0; i < std::min(max_count, reasons.size()); ++i)
    text += fmt::format("{}{} x {}", i == 0 ? "" : ", ", reasons[i].first, reasons[i].second);
  if (reasons.size() > max_count) {
    const std::size_t more = reasons.size() - max_count;
    text += fmt::format(", and {} more {}", more, more == 1 ? "kind" : "kinds");
  }
  return text.empty() ? "none rejected" : text;
}

}  // namespace noggin::data
