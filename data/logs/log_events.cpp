#include "data/logs/log_events.h"

#include "data/lines/line_reader.h"
#include "data/logs/packing.h"

namespace noggin::data {
namespace {

enum class Event : std::uint8_t {
  kFile = 1,
  kRow,
  kRejection,
  kRequest,
  kAnswer,
  kDecision,
  kSuperseded,
  kUsedRequests,
  kRemark,
  kFinishedFile
};

void pack(const TeacherDistribution& teacher, Packer& to) { to.list(teacher.classes).list(teacher.probabilities); }

void unpack(Unpacker& from, TeacherDistribution& teacher) {
  from.list(teacher.classes);
  from.list(teacher.probabilities);
}

void pack(const Rejection& rejection, Packer& to) {
  to.value(static_cast<std::uint16_t>(rejection.reason)).text(rejection.detail);
}

Rejection unpack_rejection(Unpacker& from) {
  const auto reason = static_cast<Reason>(from.value<std::uint16_t>());
  return {reason, std::string(from.text())};
}

void pack(const RowNotes& notes, Packer& to) {
  to.values(notes.unmapped_words, notes.renormalized, notes.normalized_tags, notes.numbered_classes,
            notes.other_unit.has_value(), notes.other_unit.value_or(TextUnit::kByte), notes.found_spans, notes.reading,
            notes.class_mass, notes.position, notes.agrees, notes.sampled_warm, notes.cuts_candidates,
            notes.confidence_unread, notes.has_own_id);
  to.text(notes.family);
}

RowNotes unpack_notes(Unpacker& from, std::set<std::string, std::less<>>& families) {
  RowNotes notes;
  notes.unmapped_words = from.value<std::uint32_t>();
  notes.renormalized = from.flag();
  notes.normalized_tags = from.value<std::uint32_t>();
  notes.numbered_classes = from.flag();
  const bool has_unit = from.flag();
  const auto unit = from.value<TextUnit>();
  if (has_unit) notes.other_unit = unit;
  notes.found_spans = from.value<std::uint32_t>();
  notes.reading = from.value<RowNotes::Reading>();
  notes.class_mass = from.value<double>();
  notes.position = from.value<std::uint32_t>();
  notes.agrees = from.flag();
  notes.sampled_warm = from.flag();
  notes.cuts_candidates = from.flag();
  notes.confidence_unread = from.flag();
  notes.has_own_id = from.flag();
  const std::string_view family = from.text();
  auto known = families.find(family);
  if (known == families.end()) known = families.emplace(family).first;
  notes.family = *known;
  return notes;
}

void pack(const Record& record, Packer& to) {
  to.values(record.line, record.label, record.unit, record.has_spans, record.is_written);
  to.text(record.id);
  to.text(record.text);
  pack(record.teacher, to);
  to.list(record.gold_values).list(record.spans).text(record.target);
  to.value(static_cast<std::uint32_t>(record.teacher_tokens.size()));
  for (const TeacherToken& token : record.teacher_tokens) {
    to.value(token.place);
    pack(token.teacher, to);
  }
}

void unpack(Unpacker& from, Record& record) {
  record.clear();
  record.line = from.value<std::uint64_t>();
  record.label = from.value<std::int32_t>();
  record.unit = from.value<TextUnit>();
  record.has_spans = from.flag();
  record.is_written = from.flag();
  record.id = from.text();
  record.text = from.text();
  unpack(from, record.teacher);
  from.list(record.gold_values);
  from.list(record.spans);
  record.target = from.text();
  const auto tokens = from.value<std::uint32_t>();
  for (std::uint32_t i = 0; i < tokens && from.ok(); ++i) {
    TeacherToken& token = record.teacher_tokens.emplace_back();
    token.place = from.value<TextSpan>();
    unpack(from, token.teacher);
  }
}

void pack(const LogAnswer& answer, Packer& to) {
  to.text(answer.id).value(answer.failure.has_value());
  if (answer.failure) {
    pack(*answer.failure, to);
    to.text(answer.excerpt);
  }
  pack(answer.teacher, to);
  to.text(answer.written);
  pack(answer.notes, to);
}

LogAnswer unpack_answer(Unpacker& from, std::set<std::string, std::less<>>& families) {
  LogAnswer answer;
  answer.id = from.text();
  if (from.flag()) {
    answer.failure = unpack_rejection(from);
    answer.excerpt = from.text();
  }
  unpack(from, answer.teacher);
  answer.written = from.text();
  answer.notes = unpack_notes(from, families);
  return answer;
}

Packer begin(Event event, std::string& bytes) {
  bytes.clear();
  Packer to(bytes);
  to.value(event);
  return to;
}

Error no_event() { return Error{ErrorCode::kCorrupt, "the event of a log cannot be read"}; }

}  // namespace

Status LogEventWriter::emit() { return emit_(event_); }

Status LogEventWriter::name_file(const std::string& file) {
  if (file == file_) return {};
  file_ = file;
  begin(Event::kFile, event_).text(file);
  return emit();
}

Status LogEventWriter::accept(Record&& record, const RowNotes& notes) {
  if (Status status = name_file(record.file); !status) return status;
  Packer to = begin(Event::kRow, event_);
  pack(record, to);
  pack(notes, to);
  return emit();
}

Status LogEventWriter::reject(const std::string& file, std::uint64_t line, const Rejection& rejection,
                              std::string_view content) {
  if (Status status = name_file(file); !status) return status;
  Packer to = begin(Event::kRejection, event_).value(line);
  pack(rejection, to);
  to.text(content.substr(0, kExcerptBytes));
  return emit();
}

Status LogEventWriter::request(const std::string& file, std::uint64_t line, const LogRequest& request) {
  if (Status status = name_file(file); !status) return status;
  begin(Event::kRequest, event_)
      .value(line)
      .value(request.sampled_warm)
      .value(request.cuts_candidates)
      .text(request.id)
      .text(request.text);
  return emit();
}

Status LogEventWriter::answer(const std::string& file, std::uint64_t line, LogAnswer&& answer) {
  if (Status status = name_file(file); !status) return status;
  Packer to = begin(Event::kAnswer, event_).value(line);
  pack(answer, to);
  return emit();
}

Status LogEventWriter::decision(const std::string& file, std::uint64_t line, const LogDecision& decision) {
  if (Status status = name_file(file); !status) return status;
  begin(Event::kDecision, event_).value(line).text(decision.family).text(decision.answer).text(decision.document);
  return emit();
}

Status LogEventWriter::superseded(const std::string& file) {
  if (Status status = name_file(file); !status) return status;
  begin(Event::kSuperseded, event_);
  return emit();
}

void LogEventWriter::used_requests(const std::string& file, std::uint64_t count) {
  if (status_) status_ = name_file(file);
  begin(Event::kUsedRequests, event_).value(count);
  if (status_) status_ = emit();
}

void LogEventWriter::remark(std::string text) {
  begin(Event::kRemark, event_).text(text);
  if (status_) status_ = emit();
}

void LogEventWriter::finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) {
  if (status_) status_ = name_file(path);
  begin(Event::kFinishedFile, event_).value(bytes).value(hash);
  if (status_) status_ = emit();
}

Status LogEventReader::read(std::string_view event, LogSink& sink) {
  Unpacker from(event);
  const auto whole = [&from] { return from.ok() && from.at_end(); };
  switch (from.value<Event>()) {
    case Event::kFile:
      file_ = from.text();
      return whole() ? Status() : Status(no_event());
    case Event::kRow: {
      unpack(from, record_);
      record_.file = file_;
      const RowNotes notes = unpack_notes(from, families_);
      return whole() ? sink.accept(std::move(record_), notes) : Status(no_event());
    }
    case Event::kRejection: {
      const auto line = from.value<std::uint64_t>();
      const Rejection rejection = unpack_rejection(from);
      const std::string_view content = from.text();
      return whole() ? sink.reject(file_, line, rejection, content) : Status(no_event());
    }
    case Event::kRequest: {
      const auto line = from.value<std::uint64_t>();
      LogRequest request;
      request.sampled_warm = from.flag();
      request.cuts_candidates = from.flag();
      request.id = from.text();
      request.text = from.text();
      return whole() ? sink.request(file_, line, request) : Status(no_event());
    }
    case Event::kAnswer: {
      const auto line = from.value<std::uint64_t>();
      LogAnswer answer = unpack_answer(from, families_);
      return whole() ? sink.answer(file_, line, std::move(answer)) : Status(no_event());
    }
    case Event::kDecision: {
      const auto line = from.value<std::uint64_t>();
      LogDecision decision;
      decision.family = from.text();
      decision.answer = from.text();
      decision.document = from.text();
      return whole() ? sink.decision(file_, line, decision) : Status(no_event());
    }
    case Event::kSuperseded:
      return whole() ? sink.superseded(file_) : Status(no_event());
    case Event::kUsedRequests:
      sink.used_requests(file_, from.value<std::uint64_t>());
      return whole() ? Status() : Status(no_event());
    case Event::kRemark:
      sink.remark(std::string(from.text()));
      return whole() ? Status() : Status(no_event());
    case Event::kFinishedFile: {
      const auto bytes = from.value<std::uint64_t>();
      const auto hash = from.value<std::uint64_t>();
      if (whole()) sink.finished_file(file_, bytes, hash);
      return whole() ? Status() : Status(no_event());
    }
  }
  return no_event();
}

}  // namespace noggin::data
