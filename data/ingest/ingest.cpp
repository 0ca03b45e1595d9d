#include "data/ingest/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "data/guess/file_family.h"
#include "data/logs/log_reader.h"
#include "data/logs/quarantine.h"
#include "data/logs/row_fields.h"
#include "data/logs/row_join.h"
#include "data/rows/content_key.h"
#include "data/rows/invalid.h"
#include "data/rows/near_key.h"
#include "data/rows/row_schema.h"

namespace noggin::data {
namespace {

constexpr std::size_t kShownExamples = 3;

// "; it looks like openai_batch"
std::string looks_like(const std::string& path) {
  const std::string family = family_of_file(path);
  return family.empty() ? family : "; it looks like " + family;
}

class SplitReader final : public RowSink {
 public:
  SplitReader(const SplitInput& input, const IngestOptions& options, const std::string& quarantine_path,
              const RowTaker& taker, SplitTexts* texts, spec::TaskKind task, std::size_t classes)
      : input_(input),
        options_(options),
        task_(task),
        classes_(classes),
        quarantine_path_(quarantine_path),
        quarantine_(quarantine_path),
        taker_(taker),
        texts_(texts == nullptr ? private_texts_ : *texts),
        own_texts_(texts_.try_emplace(input.name, task).first->second) {}

  Status accept(Record&& record, const RowNotes& notes) override {
    if (!input_.share.holds(record.text)) {
      ++of_file(record.file).elsewhere;
      return {};
    }
    if (!input_.training && options_.measure_by_teacher && take_gold_from_teacher(record))
      ++report_.measured_by_teacher;
    if (input_.training && !options_.use_gold_labels) forget_gold(record);
    if (!record.has_gold() && !record.has_teacher())
      return reject(record.file, record.line, {Reason::kNoTarget, {}}, record.text);
    ++report_.lines;
    SourceReport& source = of_file(record.file);
    if (!notes.family.empty()) ++of_family(notes.family, source);
    if (leave_out(record)) {
      ++report_.filtered;
      ++source.filtered;
      return {};
    }
    report_.unmapped_words += notes.unmapped_words;
    report_.renormalized += notes.renormalized ? 1 : 0;
    count_answer(record, notes);
    count_readings(notes, source);
    const Result<RepeatOf> found = own_texts_.add(record, report_.accepted, own_repeats_);
    if (!found) return found.error();
    const RepeatOf& repeat = *found;
    if (!repeat.is_new) {
      const bool completes = repeat.completes();
      // What a teacher wrote is not measured beside the gold of the same text.
      const bool is_covered = record.is_written && !input_.training && !completes;
      if (is_covered || completes || (repeat.averages && input_.training)) {
        ++report_.joined;
        ++source.joined;
        report_.with_label += repeat.adds_gold ? 1 : 0;
        report_.with_teacher += repeat.adds_teacher ? 1 : 0;
        return taker_.join && !is_covered ? taker_.join(std::move(record), repeat) : Status();
      }
      ++report_.duplicates;
      if (input_.training) {
        ++source.duplicates;
        return {};
      }
    }
    ++report_.accepted;
    ++source.accepted;
    report_.with_label += record.has_gold() ? 1 : 0;
    report_.with_teacher += record.has_teacher() ? 1 : 0;
    report_.normalized_tags += notes.normalized_tags;
    for (const auto& [name, texts] : texts_)
      if (&texts != &own_texts_)
        if (Status status = texts.compare(record, report_.repeats[name]); !status) return status;
    return taker_.accept(std::move(record), notes);
  }

  Status reject(const std::string& file, std::uint64_t line, const Rejection& rejection,
                std::string_view content) override {
    if (!input_.training && !input_.share.is_whole()) {  // the training split reports it
      ++of_file(file).elsewhere;
      return {};
    }
    ++report_.lines;
    ++report_.rejected[std::string(reason_code(rejection.reason))];
    SourceReport& source = of_file(file);
    ++source.rejected[std::string(reason_code(rejection.reason))];
    if (source.examples.size() < kShownExamples) source.examples.push_back(describe(file, line, rejection));
    if (Status status = quarantine_.add(file, line, rejection, content); !status) return status;
    if (report_.lines < kHopelessDocuments || report_.rejected_lines() < report_.lines) return {};
    if (Status status = quarantine_.flush(); !status) return status;
    std::string text = fmt::format("{}: none of the first {} lines of split \"{}\" can be used ({}){}", file,
                                   report_.lines, input_.name, top_reasons(report_.rejected), looks_like(file));
    for (const std::string& example : source.examples) text.append("\n  ").append(example);
    return Error{ErrorCode::kBadData,
                 text.append("\nFix: check the adapter and the path of this source").append(see_quarantine())};
  }

  Status superseded(const std::string& file) override {
    ++report_.lines;
    ++report_.retried;
    ++of_file(file).retried;
    return {};
  }

  void remark(std::string text) override { report_.remarks.push_back(std::move(text)); }

  void used_requests(const std::string& file, std::uint64_t count) override { of_file(file).requests += count; }

  void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) override {
    of_file(path);
    report_.files.push_back({path, bytes, hash});
  }

  Status finish() { return quarantine_.flush(); }
  SplitReport take_report() {
    report_.repeats[input_.name] = std::move(own_repeats_);
    return std::move(report_);
  }

 private:
  // Rows of one file come together.
  SourceReport& of_file(const std::string& path) {
    if (!report_.sources.empty() && report_.sources[last_file_].path == path) return report_.sources[last_file_];
    const auto [known, is_new] = files_.try_emplace(path, report_.sources.size());
    if (is_new) report_.sources.emplace_back().path = path;
    last_file_ = known->second;
    return report_.sources[last_file_];
  }

  static std::uint64_t& of_family(std::string_view family, SourceReport& source) {
    const auto known = source.families.find(family);
    return known != source.families.end() ? known->second : source.families.emplace(family, 0).first->second;
  }

  void count_answer(const Record& record, const RowNotes& notes) {
    AnswerCounts& counts = report_.answers;
    counts.certain += is_certain(record.teacher) ? 1 : 0;
    if (notes.reading == RowNotes::Reading::kGiven) return;
    ++counts.rows;
    counts.disagreements += notes.agrees ? 0 : 1;
    counts.sampled_warm += notes.sampled_warm ? 1 : 0;
    counts.cuts_candidates += notes.cuts_candidates ? 1 : 0;
    counts.confidence_unread += notes.confidence_unread ? 1 : 0;
    if (notes.reading == RowNotes::Reading::kTokens) {
      ++counts.from_tokens;
      counts.class_mass += notes.class_mass;
    } else if (notes.reading == RowNotes::Reading::kText) {
      ++counts.from_text;
    } else {
      ++counts.from_confidence;
    }
  }

  // Without any doubt, as logged: a class at exactly 1; of classes that are independent also one at 0.
  bool is_certain(const TeacherDistribution& teacher) const {
    const bool independent = spec::traits_of(task_).activation == spec::Activation::kSigmoid;
    return std::ranges::any_of(teacher.probabilities,
                               [independent](float p) { return p == 1.0F || (independent && p == 0.0F); });
  }

  bool take_gold_from_teacher(Record& record) const {
    if (record.has_gold() || record.teacher.empty()) return false;
    const spec::TaskTraits& task = spec::traits_of(task_);
    if (task.activation == spec::Activation::kSoftmax) {
      record.label = record.teacher.classes.front();
    } else if (task.is_number()) {
      record.gold_values = {record.teacher.probabilities.front()};
    } else {
      record.gold_values.assign(classes_, 0.0F);
      for (std::size_t k = 0; k < record.teacher.classes.size(); ++k)
        record.gold_values[static_cast<std::size_t>(record.teacher.classes[k])] =
            record.teacher.probabilities[k] >= 0.5F ? 1.0F : 0.0F;
    }
    return true;
  }

  static void count_readings(const RowNotes& notes, SourceReport& source) {
    if (notes.numbered_classes) ++source.read_as["class_by_number"];
    if (notes.found_spans > 0) ++source.read_as["span_by_text"];
    if (notes.other_unit) ++source.read_as[std::string("unit_").append(text_unit_name(*notes.other_unit))];
  }

  static void forget_gold(Record& record) {
    record.label = kNoLabel;
    record.gold_values.clear();
    record.has_spans = record.is_written = false;
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
  std::size_t classes_;
  std::string quarantine_path_;
  Quarantine quarantine_;
  const RowTaker& taker_;
  std::map<std::string, std::size_t> files_;  // path -> its place in report_.sources
  std::size_t last_file_ = 0;                 // that place of the file of the last row
  SplitTexts private_texts_;
  SplitTexts& texts_;
  TextIndex& own_texts_;
  Repeats own_repeats_;
  SplitReport report_;
};

std::uint64_t sum_of(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [reason, count] : counts) sum += count;
  return sum;
}

// What the sources that name this file permit.
std::set<std::string> permitted_in(const SplitInput& split, const std::string& path) {
  std::set<std::string> reasons;
  for (const Source& source : split.sources)
    if (source.path == path || source.requests_path == path) reasons.insert(source.permit.begin(), source.permit.end());
  return reasons;
}

Status check_source(const SplitInput& split, const SourceReport& source, const IngestOptions& options,
                    const std::string& see) {
  const std::set<std::string> permitted = permitted_in(split, source.path);
  const auto refuse = [&](std::string what, const char* fix) {
    std::string text = fmt::format("{}: {} (split \"{}\", {} documents: {}){}", source.path, what, split.name,
                                   source.documents(), top_reasons(source.rejected), looks_like(source.path));
    for (const std::string& example : source.examples) text.append("\n  ").append(example);
    return Error{ErrorCode::kBadData, text.append("\nFix: ").append(fix).append(see)};
  };
  for (const Reason reason : {Reason::kCutCompressedFile, Reason::kCutFile}) {
    const std::string cut(reason_code(reason));
    if (source.rejected.contains(cut) && !permitted.contains(cut))
      return refuse("the file is cut", reason == Reason::kCutFile
                                           ? "copy or write it again, or permit it in the source: permit: [cut_file]"
                                           : "copy or write it again, or permit it in the source: "
                                             "permit: [cut_compressed_file]");
  }
  const std::uint64_t used = source.documents() - source.rejected_lines();
  if (used == 0 && !permitted.contains("empty"))
    return refuse("nothing in it can be used",
                  "see the reasons, check path, adapter and family of this source, or "
                  "permit it in the source: permit: [empty]");
  std::uint64_t faulty = 0;
  for (const auto& [reason, count] : source.rejected)
    if (!is_no_fault(reason) && !permitted.contains(reason)) faulty += count;
  if (static_cast<double>(faulty) <= options.quarantine_budget * static_cast<double>(source.documents())) return {};
  return refuse(
      fmt::format("{} of {} documents were rejected ({:.2f} %), more than the budget of {:.2f} %", faulty,
                  source.documents(), 100.0 * static_cast<double>(faulty) / static_cast<double>(source.documents()),
                  100.0 * options.quarantine_budget),
      "repair the log, permit the reasons in the source (permit: [reason]), or raise data.quarantine_budget");
}

}  // namespace

double TextShare::place_of(std::string_view text) { return static_cast<double>(near_key(text) >> 11) * 0x1p-53; }

bool TextShare::holds(std::string_view text) const {
  if (is_whole()) return true;
  const double place = place_of(text);
  return place >= begin && place < end;
}

std::uint64_t SourceReport::rejected_lines() const { return sum_of(rejected); }

std::uint64_t SourceReport::documents() const {
  return requests + accepted + rejected_lines() + retried + filtered + duplicates + joined + elsewhere;
}

std::uint64_t SplitReport::rejected_lines() const { return sum_of(rejected); }

std::uint64_t SplitReport::repeated_from(const std::string& split) const {
  const auto found = repeats.find(split);
  return found == repeats.end() ? 0 : found->second.rows;
}

Result<RowSchema> schema_of(const SplitInput& input, const LabelSet& labels, const IngestOptions& options,
                            spec::TaskKind task) {
  Result<RowSchema> schema = RowSchema::create(task, labels, options.top_k);
  if (!schema) return schema;
  schema->training = input.training;
  schema->keep_gold = !input.training || options.use_gold_labels;
  return schema;
}

Result<SplitReport> read_split(const SplitInput& input, const LabelSet& labels, const IngestOptions& options,
                               const std::string& quarantine_path, const RowTaker& taker, SplitTexts* texts,
                               spec::TaskKind task, const ReadUnit& read_unit) {
  if (options.top_k == 0)
    return Error{ErrorCode::kInvalidArgument, "data.top_k is 0. Fix: keep at least one class per row"};
  if (!(options.min_teacher_probability >= 0.0 && options.min_teacher_probability <= 1.0))
    return invalid(
        fmt::format("data.min_teacher_probability is {}, must be in [0, 1]", options.min_teacher_probability));
  if (options.min_teacher_probability > 0.0 && spec::traits_of(task).is_number())
    return invalid("data.min_teacher_probability is meaningless for a score: 0.5 is an answer. Fix: remove it");
  const Result<RowSchema> schema = schema_of(input, labels, options, task);
  if (!schema) return schema.error();
  SplitReader reader(input, options, quarantine_path, taker, texts, task, labels.names().size());
  RowJoin rows(*schema, options, reader);
  LogReader logs(*schema, options, rows);
  const ReadUnit directly = [&logs](const LogUnit& unit, const RowSchema&, LogSink&) -> Result<bool> {
    if (Status status = logs.read(unit); !status) return status.error();
    return true;
  };
  const ReadUnit& read_this = read_unit ? read_unit : directly;
  bool is_whole = true;
  for (const Source& source : input.sources) {
    const Result<std::vector<LogUnit>> units = units_of(source, task);
    if (!units) return units.error();
    for (const LogUnit& unit : *units) {
      const Result<bool> read = read_this(unit, *schema, rows);
      if (!read) return read.error();
      is_whole = is_whole && *read;
    }
  }
  if (is_whole)
    if (Status status = rows.finish(); !status) return status.error();
  if (Status status = reader.finish(); !status) return status.error();
  SplitReport report = reader.take_report();
  report.is_whole = is_whole;
  return report;
}

Result<SplitReport> read_split(const SplitInput& input, const LabelSet& labels, const IngestOptions& options,
                               const std::string& quarantine_path, const std::function<Status(Record&&)>& accept,
                               SplitTexts* texts, spec::TaskKind task) {
  const RowTaker taker{[&accept](Record&& record, const RowNotes&) { return accept(std::move(record)); }};
  return read_split(input, labels, options, quarantine_path, taker, texts, task);
}

bool is_no_fault(std::string_view reason) {
  constexpr Reason kReasons[] = {Reason::kNotADeletion,    Reason::kNotAnnotated,       Reason::kQuestionAbsent,
                                 Reason::kQuestionRefused, Reason::kQuestionUnanswered, Reason::kOtherTeacher};
  return std::ranges::any_of(kReasons, [reason](Reason known) { return reason_code(known) == reason; });
}

Status check_split(const SplitInput& split, const SplitReport& counts, const IngestOptions& options,
                   const std::string& see) {
  for (const SourceReport& source : counts.sources)
    if (Status status = check_source(split, source, options, see); !status) return status;
  if (counts.accepted > 0) return {};
  return Error{ErrorCode::kBadData,
               fmt::format("split \"{}\": none of its {} lines can be used ({}; {} left out by "
                           "min_teacher_probability). Fix: check path and adapter of its sources{}",
                           split.name, counts.lines, top_reasons(counts.rejected), counts.filtered, see)};
}

Status check_has_gold(const std::string& split, std::uint64_t rows, std::uint64_t with_gold) {
  if (with_gold > 0) return {};
  return Error{ErrorCode::kBadData,
               fmt::format("split \"{}\": none of its {} rows has gold: nothing can be measured with them. Fix: label "
                           "them, or check the fields of its sources",
                           split, rows)};
}

std::string top_reasons(const std::map<std::string, std::uint64_t>& rejected, std::size_t max_count) {
  std::vector<std::pair<std::uint64_t, std::string>> reasons;
  for (const auto& [reason, count] : rejected) reasons.emplace_back(count, reason);
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
