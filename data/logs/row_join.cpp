#include "data/logs/row_join.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "data/decisions/decision.h"
#include "data/decisions/question_findings.h"
#include "data/logs/log_file.h"
#include "data/logs/packing.h"
#include "data/logs/teacher_distribution.h"

namespace noggin::data {
namespace {

static_assert(Spill::kPadding >= kLinePadding);  // what is kept is parsed where it lies

// What IdJoin keeps of a request: its text, with two facts about it, or its whole document.
enum Kind : std::uint8_t { kPlain = 0, kSampledWarm = 1, kCutsCandidates = 2, kDocument = 4 };

// One event, with what it needs, as bytes.
template <class Tell>
std::string bytes_of_event(Tell&& tell) {
  std::string bytes;
  LogEventWriter writer([&bytes](std::string_view event) {
    Packer(bytes).text(event);
    return Status();
  });
  tell(writer);
  return bytes;
}

std::string names_of(const DecisionRow& row) {
  std::string names;
  for (const QuestionAnswer& question : row.questions) names.append(names.empty() ? "" : ", ").append(question.name);
  return names;
}

Error reads_differently(const std::string& file) {
  return Error{ErrorCode::kIo, file +
                                   ": a document reads differently than a moment ago (its file is being written). Fix: "
                                   "run again when it is complete"};
}

Line whole_line(std::string_view document) { return {.text = document}; }

}  // namespace

RowJoin::RowJoin(const RowSchema& schema, const IngestOptions& options, RowSink& sink)
    : schema_(schema),
      options_(options),
      sink_(sink),
      join_(sink),
      mapper_(options.question, schema.task, *schema.labels) {}

Status RowJoin::request(const std::string& file, std::uint64_t line, const LogRequest& request) {
  const auto kind = static_cast<std::uint8_t>((request.sampled_warm ? kSampledWarm : 0) |
                                              (request.cuts_candidates ? kCutsCandidates : 0));
  return join_.add_request({request.id, file, line, request.text}, request.text, kind);
}

Status RowJoin::answer(const std::string& file, std::uint64_t line, LogAnswer&& answer) {
  if (!join_.can_answer(answer.id))
    return join_.add_waiting(
        bytes_of_event([&](LogEventWriter& to) { (void)to.answer(file, line, std::move(answer)); }));
  const Trouble failure = answer.failure;
  return join_.add_answer(
      {answer.id, file, line, failure ? answer.excerpt : answer.id}, failure,
      [&](std::uint8_t kind, std::string_view text) { return use_answer(file, line, answer, text, kind); });
}

Result<Trouble> RowJoin::use_answer(const std::string& file, std::uint64_t line, LogAnswer& answer,
                                    std::string_view text, std::uint8_t kind) {
  if ((kind & kDocument) != 0)
    return use_kept_decision(text, {.file = file,
                                    .line = line,
                                    .id = std::string(answer.id),
                                    .failure = "the answer is not one of typed decisions",
                                    .family = answer.notes.family});
  BuiltRow row{.record = {.teacher = std::move(answer.teacher)}, .notes = answer.notes};
  if (!answer.written.empty()) {
    Checked<BuiltRow> read = written_answer_.read(text, answer.written, schema_);
    if (auto* bad = std::get_if<Rejection>(&read)) return Trouble(std::move(*bad));
    row = std::get<BuiltRow>(std::move(read));
    row.notes.family = answer.notes.family;
  }
  row.record.id = answer.id;
  row.record.text = text;
  row.record.file = file;
  row.record.line = line;
  row.notes.sampled_warm = (kind & kSampledWarm) != 0;
  row.notes.cuts_candidates = (kind & kCutsCandidates) != 0;
  if (Status status = sink_.accept(std::move(row.record), row.notes); !status) return status.error();
  return Trouble();
}

Status RowJoin::decision(const std::string& file, std::uint64_t line, const LogDecision& decision) {
  if (!finder_ || family_ != decision.family) {
    family_ = decision.family;
    finder_ = std::make_unique<RowFinder>(family_.empty() ? nullptr : envelope_named(family_));
  }
  const Checked<JsonValue> root = json_.parse(whole_line(decision.document));
  if (!std::holds_alternative<JsonValue>(root)) return reads_differently(file);
  if (!decision.answer.empty()) {
    const Checked<JsonValue> answered = request_json_.parse(whole_line(decision.answer));
    if (!std::holds_alternative<JsonValue>(answered)) return reads_differently(file);
    finder_->inner().clear();
    const Answered pair{
        .file = file, .line = line, .response = std::get<JsonValue>(answered), .family = "aligned decisions"};
    const Result<Trouble> used = use_decision(std::get<JsonValue>(root), decision.document, pair);
    if (!used) return used.error();
    return *used ? sink_.reject(file, line, **used, decision.answer) : Status();
  }
  finder_->find(std::get<JsonValue>(root), found_);
  return found_.is_decision && (found_.has_answer || !found_.id) ? use_whole_decision(file, line, decision)
                                                                 : use_half_decision(file, line, decision);
}

Status RowJoin::use_whole_decision(const std::string& file, std::uint64_t line, const LogDecision& decision) {
  Answered answered{.file = file, .line = line, .id = found_.id, .family = found_.family};
  if (found_.response) answered.response = finder_->inner().open(*found_.response);
  if (found_.answer_trouble) answered.failure = found_.answer_trouble->detail;
  const std::string_view request_json = found_.request->is_string() ? string_of(*found_.request) : decision.document;
  const Result<Trouble> used = use_decision(finder_->inner().open(*found_.request), request_json, answered);
  if (!used) return used.error();
  return *used ? sink_.reject(file, line, **used, decision.document) : Status();
}

Status RowJoin::use_half_decision(const std::string& file, std::uint64_t line, const LogDecision& decision) {
  if (!found_.id) return reads_differently(file);
  const IdJoin::Half half{*found_.id, file, line, decision.document};
  if (found_.has_text) return join_.add_request(half, found_.text, kDocument);
  if (!join_.can_answer(*found_.id))
    return join_.add_waiting(bytes_of_event([&](LogEventWriter& to) { (void)to.decision(file, line, decision); }));
  // A refusal of the whole request is one of each of its questions: the row is judged by use_decision.
  return join_.add_answer(half, Trouble(), [&](std::uint8_t kind, std::string_view shown) -> Result<Trouble> {
    if ((kind & kDocument) == 0) return Trouble(Rejection{Reason::kNotADecision, "its request asks no typed question"});
    Answered answered{.file = file, .line = line, .id = found_.id, .family = found_.family};
    if (found_.response) answered.response = finder_->inner().open(*found_.response);
    if (found_.answer_trouble) answered.failure = found_.answer_trouble->detail;
    return use_kept_decision(shown, answered);
  });
}

Result<Trouble> RowJoin::use_kept_decision(std::string_view request, const Answered& answered) {
  const Checked<JsonValue> root = request_json_.parse(whole_line(request));
  if (!std::holds_alternative<JsonValue>(root)) return reads_differently(answered.file);
  request_finder_.find(std::get<JsonValue>(root), request_);
  if (!request_.is_decision) return reads_differently(answered.file);
  return use_decision(request_finder_.inner().open(*request_.request), request, answered);
}

Result<Trouble> RowJoin::use_decision(JsonValue request, std::string_view request_json, const Answered& answered) {
  DecisionOptions options;
  options.choice_as_label = options_.on_missing_logprobs == OnMissingLogprobs::kHardLabel;
  options.teacher_models = options_.teacher_models;
  options.min_class_mass = options_.min_class_mass;
  Checked<DecisionRow> read = read_decision(
      {.request = request, .request_json = request_json, .response = answered.response, .failure = answered.failure},
      options);
  if (auto* bad = std::get_if<Rejection>(&read)) return Trouble(std::move(*bad));
  auto& row = std::get<DecisionRow>(read);
  questions_.add(row);
  if (options_.question.empty()) return Trouble(Rejection{Reason::kNoQuestion, names_of(row)});
  const Checked<ClassProbabilities> answer = mapper_.map(row);
  if (const auto* bad = std::get_if<Rejection>(&answer)) return Trouble(*bad);
  const auto& probabilities = std::get<ClassProbabilities>(answer);
  Record record{.id = answered.id ? *answered.id : row_id(answered.file, answered.line),
                .text = std::move(row.text),
                .file = answered.file,
                .line = answered.line};
  std::vector<ClassMass> masses;
  for (std::size_t i = 0; i < probabilities.classes.size(); ++i)
    masses.push_back({probabilities.classes[i], probabilities.probabilities[i]});
  record.teacher = distribution_of(masses, options_.top_k);
  const RowNotes notes{.reading = probabilities.is_label ? RowNotes::Reading::kText : RowNotes::Reading::kGiven,
                       .family = answered.family};
  if (Status status = sink_.accept(std::move(record), notes); !status) return status.error();
  return Trouble();
}

Status RowJoin::finish() {
  const Status joined = join_.finish([this](std::string_view answer) -> Status {
    for (Unpacker events(answer); !events.at_end();)
      if (Status status = waiting_.read(events.text(), *this); !status) return status;
    return {};
  });
  return joined ? finish_decisions() : joined;
}

Status RowJoin::finish_decisions() {
  if (questions_.rows() == 0 || options_.question.empty()) return {};
  std::vector<std::string> errors;
  for (const QuestionFinding& finding : question_findings(questions_, options_.question)) {
    if (finding.is_error)
      errors.push_back(finding.text);
    else
      sink_.remark(finding.text);
  }
  if (errors.empty()) return {};
  return Error{ErrorCode::kBadData,
               fmt::format("the log of typed decisions cannot be learnt from: {}", fmt::join(errors, "; "))};
}

}  // namespace noggin::data
