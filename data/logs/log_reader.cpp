#include "data/logs/log_reader.h"

#include <fmt/format.h>

#include <utility>

#include "data/answers/listed_classes.h"
#include "data/answers/read_answer.h"
#include "data/answers/stated_score.h"
#include "data/decisions/decision.h"
#include "data/logs/adapter_brat.h"
#include "data/logs/adapter_conll.h"
#include "data/logs/adapter_json_object.h"
#include "data/logs/inner_rows.h"
#include "data/logs/teacher_distribution.h"
#include "data/rows/excerpt.h"
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
    if (is_columns(name)) {
      if (is_distribution(field)) continue;
      return invalid(
          fmt::format("{}: {}: \"{}\" means several fields, which only probs, logprobs and logits can be. "
                      "Fix: name the one that holds it",
                      source.path, field, name));
    }
    if (const Result<JsonPath> path = JsonPath::parse(name); !path) return path.error();
  }
  if (!source.text_template.empty())
    if (const auto parsed = TextTemplate::parse(source.text_template); !parsed)
      return Error{ErrorCode::kInvalidArgument, source.path + ": " + parsed.error().message};
  if (source.adapter == Adapter::kOpenAiBatch && source.requests_path.empty())
    return invalid(source.path + ": an openai_batch source needs its request file too. Fix: set `requests`");
  if (source.adapter == Adapter::kOpenAiBatch && !spec::traits_of(task).is_classification())
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

}  // namespace

std::vector<std::string> LogUnit::files() const {
  if (source->adapter == Adapter::kBrat) return files_of(*source);
  if (is_aligned) return {source->requests_path, path};
  return {path};
}

Result<std::vector<LogUnit>> units_of(const Source& source, spec::TaskKind task) {
  if (Status status = check_source(source, task); !status) return status.error();
  if (!holds_documents(source) || source.requests_path.empty()) return std::vector<LogUnit>{{&source, source.path}};
  const Result<bool> aligned = are_aligned(source);
  if (!aligned) return aligned.error();
  if (*aligned) return std::vector<LogUnit>{{&source, source.path, true}};
  return std::vector<LogUnit>{{&source, source.requests_path}, {&source, source.path}};
}

LogReader::LogReader(const RowSchema& schema, const IngestOptions& options, LogSink& sink)
    : schema_(schema), options_(options), sink_(sink) {}

Status LogReader::read(const LogUnit& unit, RowIds* ids) {
  const Source& source = *unit.source;
  if (source.adapter == Adapter::kJsonObject) return read_json_object(source, schema_, sink_);
  if (source.adapter == Adapter::kConll) return read_conll(source, schema_, sink_);
  if (source.adapter == Adapter::kBrat) return read_brat(source, schema_, sink_);
  if (source.adapter == Adapter::kTsv) return read_tsv(source);
  return unit.is_aligned ? read_aligned(source) : read_documents(source, unit, ids);
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
  JsonRow request_json;
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
    const Checked<JsonValue> asked = request_json.parse(**request), answered = json_.parse(**answer);
    const auto* bad = std::get_if<Rejection>(&asked);
    if (bad == nullptr) bad = std::get_if<Rejection>(&answered);
    const LogDecision pair{(*request)->text, (*answer)->text, source.family};
    Status status =
        bad != nullptr ? answer_file.reject(**answer, *bad) : sink_.decision(source.path, (*answer)->number, pair);
    if (!status) return status;
  }
  sink_.used_requests(source.requests_path, pairs);
  if (Status status = request_file.finish(*requests); !status) return status;
  return answer_file.finish(*answers);
}

Status LogReader::read_documents(const Source& source, const LogUnit& unit, RowIds* ids) {
  const std::string& path = unit.path;
  Result<LineReader> reader = unit.piece ? LineReader::open_piece(path, *unit.piece) : LineReader::open_any(path);
  if (!reader) return reader.error();
  finder_ = std::make_unique<RowFinder>(source.family.empty() ? nullptr : envelope_named(source.family));
  template_.reset();
  if (!source.text_template.empty()) template_ = *TextTemplate::parse(source.text_template);  // units_of has judged it
  LogFile file(source, path, schema_, sink_);
  if (ids != nullptr) file.continue_after(*ids);
  return file.read_documents(*reader, [&](const Line& line) { return read_document(line, file, source, path); });
}

Status LogReader::read_document(const Line& line, LogFile& file, const Source& source, const std::string& path) {
  const Checked<JsonValue> parsed = json_.parse(line);
  if (const auto* bad = std::get_if<Rejection>(&parsed)) return file.reject(line, not_an_object(line, *bad));
  const JsonValue root = std::get<JsonValue>(parsed);
  if (!file.has_own_fields()) {
    finder_->find(root, found_);
    if (!found_.is_own_row) return read_found(line, source, path);
  }
  if (row_ == 0 && !file.has_text(root))
    if (const std::vector<std::string> rows = inner_rows(root); !rows.empty())
      return read_rows(line, rows, file, source, path);
  return file.read_root(line, root, row_ > 0 && !field_of(root, "id") ? id_of(path, line) : std::string());
}

// A document that holds several rows: each is read as if it stood alone.
Status LogReader::read_rows(const Line& line, const std::vector<std::string>& rows, LogFile& file, const Source& source,
                            const std::string& path) {
  Status status;
  for (row_ = 1; status && row_ <= rows.size(); ++row_)
    status = read_document({.text = rows[row_ - 1], .number = line.number, .offset = line.offset}, file, source, path);
  row_ = 0;
  return status;
}

// Of a row without an id of its own.
std::string LogReader::id_of(const std::string& path, const Line& line) const {
  return row_ == 0 ? row_id(path, line.number) : fmt::format("{}-{}", row_id(path, line.number), row_);
}

Status LogReader::read_found(const Line& line, const Source& source, const std::string& path) {
  const auto refuse = [&](const Rejection& why) { return sink_.reject(path, line.number, why, line.text); };
  if (found_.is_decision && (found_.has_answer || !found_.id))
    return sink_.decision(path, line.number, {line.text, {}, source.family});
  if (found_.text_trouble && !found_.has_answer) return refuse(*found_.text_trouble);
  if (!found_.text_trouble && found_.has_text) {
    if (template_ && !found_.is_decision && !template_->take_text(found_.text))
      return refuse({Reason::kOtherTemplate, excerpt(found_.text)});
    if (const auto bad = check_text(found_.text)) return refuse(*bad);
  }
  if (found_.has_text && found_.has_answer) return use_answer(line, path);
  if (found_.id) return read_half(line, source, path);
  if (found_.answer_trouble && !found_.has_answer) return refuse(*found_.answer_trouble);
  if (found_.text_trouble) return refuse(*found_.text_trouble);
  return refuse(found_.has_answer ? Rejection{Reason::kNoText, std::string(found_.family)}
                                  : Rejection{Reason::kNoTarget, std::string(found_.family)});
}

// A request or an answer, with its id.
Status LogReader::read_half(const Line& line, const Source& source, const std::string& path) {
  if (found_.is_decision || (found_.response && is_decision_response(finder_->inner().open(*found_.response))))
    return sink_.decision(path, line.number, {line.text, {}, source.family});
  if (found_.has_text)
    return sink_.request(path, line.number, {*found_.id, found_.text, found_.sampled_warm, found_.cuts_candidates});
  if (!found_.has_answer)
    return sink_.reject(path, line.number, {Reason::kNoTarget, std::string(found_.family)}, line.text);
  LogAnswer answer{.id = *found_.id, .failure = found_.answer_trouble};
  answer.notes.family = found_.family;
  if (!answer.failure && has_written_answers(schema_.task)) {
    Checked<std::string> written = written_in_answer(found_.answer, schema_.task);
    if (auto* bad = std::get_if<Rejection>(&written)) answer.failure = std::move(*bad);
    if (auto* found = std::get_if<std::string>(&written)) answer.written = std::move(*found);
  } else if (!answer.failure) {
    answer.failure = read_answer_into(answer.teacher, answer.notes);
  }
  if (answer.failure) answer.excerpt = line.text.substr(0, kExcerptBytes);
  return sink_.answer(path, line.number, std::move(answer));
}

Status LogReader::use_answer(const Line& line, const std::string& path) {
  BuiltRow& row = built_;
  row.record.clear();
  row.notes = {};
  Trouble trouble = found_.answer_trouble;
  if (!trouble)
    trouble =
        has_written_answers(schema_.task) ? read_written_into(row) : read_answer_into(row.record.teacher, row.notes);
  if (trouble) return sink_.reject(path, line.number, *trouble, line.text);
  row.record.text = found_.text;
  if (found_.id)
    row.record.id = *found_.id;
  else
    row.record.id = id_of(path, line);
  row.record.file = path;
  row.record.line = line.number;
  row.notes.sampled_warm = found_.sampled_warm;
  row.notes.cuts_candidates = found_.cuts_candidates;
  row.notes.family = found_.family;
  return sink_.accept(std::move(row.record), row.notes);
}

Trouble LogReader::read_written_into(BuiltRow& row) {
  const Checked<std::string> written = written_in_answer(found_.answer, schema_.task);
  if (const auto* bad = std::get_if<Rejection>(&written)) return *bad;
  Checked<BuiltRow> read = written_answer_.read(found_.text, std::get<std::string>(written), schema_);
  if (auto* bad = std::get_if<Rejection>(&read)) return std::move(*bad);
  row = std::get<BuiltRow>(std::move(read));
  return std::nullopt;
}

// Any number of classes, as labels: what an answer in words says of the others' probabilities is not known.
Trouble LogReader::read_listed_into(TeacherDistribution& teacher, RowNotes& notes) {
  const Checked<std::vector<std::int32_t>> listed = read_listed_classes(found_.answer, *schema_.labels);
  if (const auto* bad = std::get_if<Rejection>(&listed)) return *bad;
  const auto& classes = std::get<std::vector<std::int32_t>>(listed);
  teacher.classes = classes;
  teacher.probabilities.assign(classes.size(), 1.0F);
  if (classes.empty()) teacher = {{0}, {0.0F}};  // an answer all the same
  notes.reading = RowNotes::Reading::kText;
  return std::nullopt;
}

Trouble LogReader::read_score_into(TeacherDistribution& teacher, RowNotes& notes) {
  const Checked<double> score = read_stated_score(found_.answer);
  if (const auto* bad = std::get_if<Rejection>(&score)) return *bad;
  teacher = {{0}, {static_cast<float>(std::get<double>(score))}};
  notes.reading = RowNotes::Reading::kText;
  return std::nullopt;
}

Trouble LogReader::read_answer_into(TeacherDistribution& teacher, RowNotes& notes) {
  const spec::TaskTraits& task = spec::traits_of(schema_.task);
  const bool any_classes = !task.is_classification() && !task.per_token() && !task.is_number();
  if (any_classes) return read_listed_into(teacher, notes);
  if (task.is_number()) return read_score_into(teacher, notes);
  const AnswerOptions options{options_.min_class_mass, options_.on_missing_logprobs == OnMissingLogprobs::kHardLabel,
                              options_.top_k};
  if (Trouble trouble = read_answer(found_.answer, *schema_.labels, options, reading_)) return trouble;
  settled_distribution(reading_.classes, teacher);
  if (teacher.empty()) return Rejection{Reason::kNoMass, {}};
  notes.reading = reading_of(reading_.from);
  notes.class_mass = reading_.mass;
  notes.position = reading_.position;
  notes.agrees = reading_.agrees;
  notes.confidence_unread = reading_.confidence_unread;
  return std::nullopt;
}

}  // namespace noggin::data
