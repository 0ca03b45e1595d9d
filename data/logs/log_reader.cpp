#include "data/logs/log_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "data/answers/read_answer.h"
#include "data/decisions/decision.h"
#include "data/decisions/question_findings.h"
#include "data/logs/adapter_brat.h"
#include "data/logs/adapter_conll.h"
#include "data/logs/adapter_json_object.h"
#include "data/logs/teacher_distribution.h"
#include "data/rows/invalid.h"

namespace noggin::data {
namespace {

RowNotes::Reading reading_of(AnswerReading::From from) {
  switch (from) {
    case AnswerReading::From::kTokens:
      return RowNotes::Reading::kTokens;
    case AnswerReading::From::kText:
      return RowNotes::Reading::kText;
    case AnswerReading::From::kConfidence:
      return RowNotes::Reading::kConfidence;
  }
  return RowNotes::Reading::kText;
}

Status check_source(const Source& source, spec::TaskKind task) {
  for (const auto& [field, name] : source.fields) {
    if (!is_field_name(field))
      return invalid(
          fmt::format("{}: \"{}\" is not a field of a row. Fix: see data/README.md for the names, and write "
                      "each as `field: name in the log`",
                      source.path, field));
    if (const Result<JsonPath> path = JsonPath::parse(name); !path) return path.error();
  }
  if (source.adapter == Adapter::kOpenAiBatch && source.requests_path.empty())
    return invalid(source.path + ": an openai_batch source needs its request file too. Fix: set `requests`");
  if (source.adapter == Adapter::kOpenAiBatch && task != spec::TaskKind::kSingleLabel)
    return invalid(
        fmt::format("{}: an openai_batch log gives one class per text, but the task is {}. Fix: write its answers as "
                    "JSON lines",
                    source.path, spec::task_name(task)));
  if (!source.family.empty() && envelope_named(source.family) == nullptr)
    return invalid(
        fmt::format("{}: there is no family \"{}\". Fix: leave `family` out, or see data/README.md for the "
                    "names",
                    source.path, source.family));
  return {};
}

// Whether requests and answers are joined by their order: typed decisions whose requests have no id.
Result<bool> are_aligned(const Source& source) {
  Result<LineReader> requests = LineReader::open(source.requests_path);
  if (!requests) return requests.error();
  const Result<std::optional<Line>> first = requests->next();
  if (!first) return first.error();
  JsonRow json;
  if (!first->has_value()) return false;
  const Checked<JsonValue> root = json.parse(**first);
  return std::holds_alternative<JsonValue>(root) && is_decision_request(std::get<JsonValue>(root));
}

std::string names_of(const DecisionRow& row) {
  std::string names;
  for (const QuestionAnswer& question : row.questions) names.append(names.empty() ? "" : ", ").append(question.name);
  return names;
}

}  // namespace

LogReader::LogReader(const RowSchema& schema, const IngestOptions& options, RowSink& sink)
    : schema_(schema),
      options_(options),
      sink_(sink),
      join_(sink),
      mapper_(options.question, schema.task, *schema.labels) {}

Status LogReader::read(const Source& source) {
  if (Status status = check_source(source, schema_.task); !status) return status;
  if (source.adapter == Adapter::kJsonObject) return read_json_object(source, schema_, sink_);
  if (source.adapter == Adapter::kConll) return read_conll(source, schema_, sink_);
  if (source.adapter == Adapter::kBrat) return read_brat(source, schema_, sink_);
  if (source.adapter == Adapter::kTsv) return read_tsv(source);
  finder_ = std::make_unique<RowFinder>(source.family.empty() ? nullptr : envelope_named(source.family));
  if (source.requests_path.empty()) return read_documents(source, source.path);
  const Result<bool> aligned = are_aligned(source);
  if (!aligned) return aligned.error();
  if (*aligned) return read_aligned(source);
  if (Status status = read_documents(source, source.requests_path); !status) return status;
  return read_documents(source, source.path);
}

// Rows of ours in a table without a header, or with one.
Status LogReader::read_tsv(const Source& source) {
  Result<LineReader> reader = LineReader::open_table(source.path, {'\t', source.columns});
  if (!reader) return reader.error();
  LogFile file(source, schema_, sink_);
  return file.read_documents(*reader, [&file](const Line& line) { return file.read_json(line); });
}

// Requests and answers without ids: the n-th answer belongs to the n-th request, if there are as many of both.
Status LogReader::read_aligned(const Source& source) {
  Result<LineReader> requests = LineReader::open(source.requests_path);
  if (!requests) return requests.error();
  Result<LineReader> answers = LineReader::open(source.path);
  if (!answers) return answers.error();
  LogFile request_file(source, source.requests_path, schema_, sink_), answer_file(source, source.path, schema_, sink_);
  EmbeddedJson inner;
  std::uint64_t pairs = 0;
  while (true) {
    const Result<std::optional<Line>> request = requests->next(), answer = answers->next();
    if (!request) return request.error();
    if (!answer) return answer.error();
    if (request->has_value() != answer->has_value())
      return Error{
          ErrorCode::kBadData,
          fmt::format("{} has {} documents than {}, and neither has ids to join by. Fix: give both the same rows "
                      "in the same order, or a custom_id",
                      source.path, request->has_value() ? "fewer" : "more", source.requests_path)};
    if (!request->has_value()) break;
    ++pairs;
    const Checked<JsonValue> asked = request_json_.parse(**request), answered = json_.parse(**answer);
    const auto* bad = std::get_if<Rejection>(&asked);
    if (bad == nullptr) bad = std::get_if<Rejection>(&answered);
    if (bad != nullptr) {
      if (Status status = answer_file.reject(**answer, *bad); !status) return status;
      continue;
    }
    found_.clear();
    found_.family = "aligned decisions";
    found_.is_decision = true;
    found_.response = std::get<JsonValue>(answered);
    inner.clear();
    Result<Trouble> used =
        use_decision(std::get<JsonValue>(asked), (*request)->text, inner, (*answer)->number, source.path);
    if (!used) return used.error();
    if (*used)
      if (Status status = answer_file.reject(**answer, **used); !status) return status;
  }
  sink_.used_requests(source.requests_path, pairs);
  if (Status status = request_file.finish(*requests); !status) return status;
  return answer_file.finish(*answers);
}

Status LogReader::read_documents(const Source& source, const std::string& path) {
  Result<LineReader> reader = LineReader::open_any(path);
  if (!reader) return reader.error();
  if (Status status = join_.begin_file(path, reader->rereadable()); !status) return status;
  LogFile file(source, path, schema_, sink_);
  return file.read_documents(*reader, [&](const Line& line) { return read_document(line, file, path); });
}

Status LogReader::read_document(const Line& line, LogFile& file, const std::string& path) {
  const Checked<JsonValue> parsed = json_.parse(line);
  if (const auto* bad = std::get_if<Rejection>(&parsed)) return file.reject(line, not_an_object(line, *bad));
  const JsonValue root = std::get<JsonValue>(parsed);
  if (file.has_own_fields()) return file.read_root(line, root);
  finder_->find(root, found_);
  if (found_.is_own_row) return file.read_root(line, root);
  return read_found(line, path);
}

Status LogReader::read_found(const Line& line, const std::string& path) {
  const auto refuse = [&](const Rejection& why) { return sink_.reject(path, line.number, why, line.text); };
  if (found_.is_decision && (found_.has_answer || !found_.id)) return read_decision_row(line, path);
  const bool decides =
      found_.is_decision || (found_.response && is_decision_response(finder_->inner().open(*found_.response)));
  if (!decides && schema_.task != spec::TaskKind::kSingleLabel)
    return refuse(
        {Reason::kOtherTask, fmt::format("{}, for the task {}", found_.family, spec::task_name(schema_.task))});
  if (found_.text_trouble && !found_.has_answer) return refuse(*found_.text_trouble);
  if (!found_.text_trouble && found_.has_text)
    if (const auto bad = check_text(found_.text)) return refuse(*bad);
  if (found_.has_text && found_.has_answer) return use_answer(line, path);
  if (!found_.id) {
    if (found_.answer_trouble && !found_.has_answer) return refuse(*found_.answer_trouble);
    if (found_.text_trouble) return refuse(*found_.text_trouble);
    return refuse(found_.has_answer ? Rejection{Reason::kNoText, std::string(found_.family)}
                                    : Rejection{Reason::kNoTarget, std::string(found_.family)});
  }
  if (found_.has_text) return join_.add_request(*found_.id, found_.text, line);
  if (!found_.has_answer) return refuse({Reason::kNoTarget, std::string(found_.family)});
  // The text of its request is read again, because only the place of a request is held.
  const auto use = [&](std::string_view document) -> Result<Trouble> {
    const Checked<JsonValue> root = request_json_.parse({document, 0, 0, true, false});
    if (std::holds_alternative<JsonValue>(root)) request_finder_.find(std::get<JsonValue>(root), request_);
    if (!std::holds_alternative<JsonValue>(root) || !request_.has_text || request_.id != found_.id)
      return Error{ErrorCode::kIo, path +
                                       ": the request of an answer reads differently than a moment ago (its file is "
                                       "being written). Fix: run again when it is complete"};
    if (request_.is_decision)
      return use_decision(*request_.request, document, request_finder_.inner(), line.number, path);
    Record record{.id = *found_.id, .text = request_.text, .file = path, .line = line.number};
    RowNotes notes{
        .sampled_warm = request_.sampled_warm, .cuts_candidates = request_.cuts_candidates, .family = found_.family};
    if (Trouble trouble = build_answer(record, notes)) return trouble;
    if (Status status = sink_.accept(std::move(record), notes); !status) return status.error();
    return Trouble();
  };
  // A refusal of the whole request is one of each of its questions: the row is judged by use_decision.
  return join_.add_answer(*found_.id, line, path, decides ? Trouble() : found_.answer_trouble, use);
}

Status LogReader::read_decision_row(const Line& line, const std::string& path) {
  const std::string_view request_json = found_.request->is_string() ? string_of(*found_.request) : line.text;
  Result<Trouble> used = use_decision(*found_.request, request_json, finder_->inner(), line.number, path);
  if (!used) return used.error();
  return *used ? sink_.reject(path, line.number, **used, line.text) : Status();
}

Result<Trouble> LogReader::use_decision(JsonValue request, std::string_view request_json, EmbeddedJson& inner,
                                        std::uint64_t line, const std::string& path) {
  DecisionOptions options;
  options.choice_as_label = options_.on_missing_logprobs == OnMissingLogprobs::kHardLabel;
  options.teacher_models = options_.teacher_models;
  DecisionPair pair{.request = inner.open(request), .request_json = request_json};
  if (found_.response) pair.response = finder_ ? finder_->inner().open(*found_.response) : *found_.response;
  if (found_.answer_trouble) pair.failure = found_.answer_trouble->detail;
  Checked<DecisionRow> read = read_decision(pair, options);
  if (auto* bad = std::get_if<Rejection>(&read)) return Trouble(std::move(*bad));
  auto& row = std::get<DecisionRow>(read);
  questions_.add(row);
  if (options_.question.empty()) return Trouble(Rejection{Reason::kNoQuestion, names_of(row)});
  const Checked<ClassProbabilities> answer = mapper_.map(row);
  if (const auto* bad = std::get_if<Rejection>(&answer)) return Trouble(*bad);
  const auto& probabilities = std::get<ClassProbabilities>(answer);
  Record record{
      .id = found_.id ? *found_.id : row_id(path, line), .text = std::move(row.text), .file = path, .line = line};
  std::vector<ClassMass> masses;
  for (std::size_t i = 0; i < probabilities.classes.size(); ++i)
    masses.push_back({probabilities.classes[i], probabilities.probabilities[i]});
  record.teacher = distribution_of(masses, options_.top_k);
  RowNotes notes{.reading = probabilities.is_label ? RowNotes::Reading::kText : RowNotes::Reading::kGiven,
                 .family = found_.family};
  if (Status status = sink_.accept(std::move(record), notes); !status) return status.error();
  return Trouble();
}

Status LogReader::finish_decisions() {
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

Status LogReader::use_answer(const Line& line, const std::string& path) {
  Record record{.text = found_.text, .file = path, .line = line.number};
  RowNotes notes{
      .sampled_warm = found_.sampled_warm, .cuts_candidates = found_.cuts_candidates, .family = found_.family};
  Trouble trouble = found_.answer_trouble;
  if (!trouble) trouble = build_answer(record, notes);
  if (trouble) return sink_.reject(path, line.number, *trouble, line.text);
  record.id = found_.id ? *found_.id : row_id(path, line.number);
  return sink_.accept(std::move(record), notes);
}

Trouble LogReader::build_answer(Record& record, RowNotes& notes) {
  const AnswerOptions options{options_.min_class_mass, options_.on_missing_logprobs == OnMissingLogprobs::kHardLabel,
                              options_.top_k};
  if (Trouble trouble = read_answer(found_.answer, *schema_.labels, options, reading_)) return trouble;
  record.teacher = distribution_of(reading_.classes, options_.top_k);
  if (record.teacher.empty()) return Rejection{Reason::kNoMass, {}};
  notes.reading = reading_of(reading_.from);
  notes.class_mass = reading_.mass;
  notes.position = reading_.position;
  notes.agrees = reading_.agrees;
  return std::nullopt;
}

Status LogReader::finish() {
  const Status joined = join_.finish([&](const Line& line, const std::string& path) {
    const Source none{};
    LogFile file(none, path, schema_, sink_);
    if (!finder_) finder_ = std::make_unique<RowFinder>();
    return read_document(line, file, path);
  });
  return joined ? finish_decisions() : joined;
}

}  // namespace noggin::data
