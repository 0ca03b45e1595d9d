#include "prediction/answer_lines.h"

#include <string>
#include <vector>

#include "bytes/message.h"
#include "prediction/json_writer.h"
#include "streams/json_reader.h"

namespace noggin::runtime {
namespace {

Error unsuitable(const char* option, const char* wanted, const Model& model) {
  return {ErrorCode::kInvalidArgument, message({option, " is for models of the task ", wanted, ", this model's is ",
                                                spec::task_name(model.task())})};
}

// The object's text, or null.
const JsonValue* text_of(const Result<JsonValue>& object) {
  const JsonValue* text = object && object->kind == JsonValue::Kind::kObject ? object->find("text") : nullptr;
  return text != nullptr && text->kind == JsonValue::Kind::kString ? text : nullptr;
}

bool looks_like_an_object(std::string_view line) {
  return line.starts_with('{') && line.ends_with('}') && text_of(parse_json(line)) != nullptr;
}

// The id as JSON; empty if there is none.
Result<std::string> id_of(const JsonValue& object) {
  const JsonValue* const id = object.find("id");
  std::string json;
  if (id == nullptr || id->kind == JsonValue::Kind::kNull) return json;
  if (id->kind == JsonValue::Kind::kNumber) return id->text;
  if (id->kind != JsonValue::Kind::kString) {
    return Error{ErrorCode::kBadData, "\"id\" must be a string or a number"};
  }
  append_json_string(id->text, json);
  return json;
}

// How often something was seen, and on which line first.
struct Sightings {
  std::size_t count = 0, first_line = 0;
  void add(std::size_t line) {
    if (count++ == 0) first_line = line;
  }
};

// Questions that are answered together. Their bytes lie in the input's buffer (lines), or here (objects).
class Pending {
 public:
  Pending(const LineOptions& options, const Model& model, Session& session, Output& output)
      : printer_(model, session, options.print), output_(output) {
    texts_.reserve(kTextsAtOnce);
    owned_.reserve(kTextsAtOnce);  // their addresses stay
    ids_.reserve(kTextsAtOnce);
    lines_.reserve(kTextsAtOnce);
  }

  void add_line(std::string_view text, std::size_t line) {
    texts_.push_back(text);
    lines_.push_back(line);
    if (texts_.size() == kTextsAtOnce) answer();
  }
  void add_object(std::string text, std::string id, std::size_t line) {
    ids_.push_back(std::move(id));
    add_line(owned_.emplace_back(std::move(text)), line);
  }
  void answer() {
    const auto after_line = [this](const Printed& printed) {
      if (printed.cut) cut_.add(lines_[printed.index]);
      if (printed.blank) blank_.add(lines_[printed.index]);
      output_.settle();
    };
    if (status_) status_ = printer_.print(texts_, ids_, output_.buffer(), after_line);
    texts_.clear();
    owned_.clear();
    ids_.clear();
    lines_.clear();
  }
  const Status& status() const { return status_; }
  const Sightings& cut() const { return cut_; }
  const Sightings& blank() const { return blank_; }

 private:
  AnswerPrinter printer_;
  Output& output_;
  std::vector<std::string_view> texts_;
  std::vector<std::string> owned_, ids_;
  std::vector<std::size_t> lines_;
  Sightings cut_, blank_;
  Status status_;
};

Status add_object(std::string_view line, std::size_t number, const std::string& name, Pending& pending) {
  const auto wrong = [&](std::string_view why) {
    return Error{ErrorCode::kBadData,
                 message({name, ":", number, ": ", why, R"(. Each line must be like {"text": "..."})",
                          R"( or {"id": 7, "text": "..."})"})};
  };
  Result<JsonValue> object = parse_json(line);
  if (!object) return wrong(object.error().message);
  const JsonValue* const text = text_of(object);
  if (text == nullptr) return wrong("it has no string \"text\"");
  Result<std::string> id = id_of(*object);
  if (!id) return wrong(id.error().message);
  pending.add_object(text->text, *std::move(id), number);
  return {};
}

void report(const Pending& pending, const Model& model, const std::function<void(std::string_view)>& warn) {
  if (const Sightings& cut = pending.cut(); cut.count > 0) {
    warn(message({cut.count, cut.count == 1 ? " text was" : " texts were", " longer than the ", model.max_tokens(),
                  " tokens that this model reads: the answer is for the beginning (first: line ", cut.first_line,
                  "; --json marks each with \"truncated\")"}));
  }
  if (const Sightings& blank = pending.blank(); blank.count > 0) {
    warn(message(
        {blank.count, blank.count == 1 ? " text was" : " texts were", " empty (first: line ", blank.first_line, ")"}));
  }
}

}  // namespace

Status check_print_options(const PrintOptions& options, const Model& model) {
  const spec::TaskTraits& task = spec::traits_of(model.task());
  if (options.form == Form::kMasked && !task.answers(spec::Call::kMask)) return unsuitable("--mask", "tag", model);
  if (options.form == Form::kEdited && !task.answers(spec::Call::kEdit)) return unsuitable("--edit", "edit", model);
  if (options.unit && !task.per_token()) return unsuitable("--unit", "tag or edit", model);
  if (options.unit && (options.form != Form::kAnswer || !options.json)) {
    return Error{ErrorCode::kInvalidArgument,
                 "--unit is for spans in JSON, which are not printed here. Fix: leave it out"};
  }
  if (options.logits && task.per_token()) return unsuitable("--logits", "single_label, multi_label or score", model);
  return {};
}

Status answer_lines(const LineOptions& options, const Model& model, Session& session, LineInput& input,
                    Output& output) {
  Pending pending(options, model, session, output);
  input.before_waiting([&] {
    pending.answer();
    output.flush();
  });
  bool warned = options.objects;
  Status fault;
  std::string_view line;
  while (pending.status() && fault && output.usable() && input.next(line)) {
    const std::size_t number = input.line_number();
    if (!options.objects) {
      if (!warned && looks_like_an_object(line)) {
        warned = true;
        options.warn(
            message({input.name(), ":", number, ": looks like a JSON object, but the whole line is read as the ",
                     "text. Fix: --jsonl reads objects"}));
      }
      pending.add_line(line, number);
    } else if (!is_blank(line)) {
      fault = add_object(line, number, input.name(), pending);
    }
  }
  pending.answer();
  report(pending, model, options.warn);
  if (!pending.status()) return pending.status();
  return fault ? input.status() : fault;
}

}  // namespace noggin::runtime
