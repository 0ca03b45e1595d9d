#include "data/logs/row_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/decisions/decision.h"
#include "data/logs/answer_shapes.h"
#include "data/logs/field_aliases.h"
#include "data/logs/messages.h"

namespace noggin::data {
namespace {

constexpr std::string_view kFailures[] = {"failure",           "failed",     "error",     "errored",
                                          "expired",           "canceled",   "cancelled", "ERROR",
                                          "STATUS_CODE_ERROR", "incomplete", "FAILED"};

bool is_failure(std::string_view status) {
  return std::find(std::begin(kFailures), std::end(kFailures), status) != std::end(kFailures);
}

// A row's id: a string, or a number as it is written.
std::optional<std::string> id_in(JsonValue root, const JsonPaths& paths, EmbeddedJson& inner) {
  const std::optional<JsonValue> found = paths.find(root, inner);
  if (!found || found->is_object() || found->is_array()) return std::nullopt;
  return found->is_string() ? std::string(string_of(*found)) : simdjson::minify(*found);
}

// "code: message" of an error, however it is told; "" if nothing is.
std::string told_by(JsonValue error) {
  if (error.is_string()) return std::string(string_of(error).substr(0, 200));
  std::string told;
  for (const std::string_view name : {"code", "type", "message"}) {
    const auto part = field_of(error, name);
    if (!part || part->is_object() || part->is_array()) continue;
    const std::string said = part->is_string() ? std::string(string_of(*part)) : simdjson::minify(*part);
    if (said.empty() || said == told) continue;
    told += (told.empty() ? "" : ": ");
    told += said;
  }
  return told.substr(0, 200);
}

bool is_empty(JsonValue value) {
  if (value.is_string()) return string_of(value).empty();
  JsonObject object;
  if (value.get_object().get(object) == simdjson::SUCCESS) return object.size() == 0;
  return value.is_bool() && !bool(value);
}

const JsonPaths& own_id() {
  static const JsonPaths paths("custom_id|id|request_id");
  return paths;
}

// {"token_ids", "logprobs": [[...]]} and the like: logs for students that generate.
std::string_view generative_log(JsonValue root) {
  if (field_of(root, "compressed_logprobs")) return "a DistillKit log of a generating teacher";
  const auto ids = field_of(root, "token_ids");
  const auto logprobs = field_of(root, "logprobs");
  if (!ids) return {};
  if ((logprobs && logprobs->is_array()) || field_of(root, "target_logprobs") || field_of(root, "target_token_ids"))
    return "a token-level log of a generating teacher (TRL, Axolotl)";
  return {};
}

}  // namespace

void FoundRow::clear() {
  family = {};
  is_own_row = is_decision = has_text = has_answer = sampled_warm = cuts_candidates = false;
  id.reset();
  request.reset();
  response.reset();
  text.clear();
  text_trouble.reset();
  answer.clear();
  answer_trouble.reset();
}

void RowFinder::find(JsonValue root, FoundRow& row) {
  row.clear();
  inner_.clear();
  if (const std::string_view generative = generative_log(root); !generative.empty()) {
    row.family = generative;
    row.answer_trouble = Rejection{Reason::kGenerativeLog, std::string(generative)};
    return;
  }
  const Envelope* envelope = forced_ != nullptr ? forced_ : find_envelope(root, inner_);
  const AnswerShape* shape =
      envelope == nullptr && root.is_object() ? find_answer_shape(root, inner_, /*is_whole_row=*/true) : nullptr;
  JsonValue outer = root;
  if (envelope == nullptr && shape == nullptr) envelope = find_wrapped(root, 0);
  if (envelope != nullptr) {
    row.family = envelope->name;
    row.id = id_in(root, envelope->id, inner_);
    if (!row.id) row.id = id_in(outer, own_id(), inner_);
    row.request = envelope->request.find(root, inner_);
    row.response = envelope->response.find(root, inner_);
    read_request(false, row);
    read_response(false, row);
    read_failure(root, *envelope, row);
    return;
  }
  if (shape == nullptr) {
    row.family = kOurRows;
    row.is_own_row = true;
    return;
  }
  row.family = name_of(*shape);
  row.id = id_in(root, own_id(), inner_);
  row.request = row.response = root;
  read_request(/*holds_answer=*/true, row);
  read_response(true, row);
}

// An envelope inside of something that is none, {"time": ..., "event": {"payload": "{\"request\": ...}"}}: then `root`
// is what it stands in.
const Envelope* RowFinder::find_wrapped(JsonValue& root, int depth) {
  constexpr int kDeepest = 3;
  JsonObject object;
  if (depth == kDeepest || root.get_object().get(object) != simdjson::SUCCESS || has_usual_text(root)) return nullptr;
  for (const auto field : object) {
    JsonValue inside = inner_.open(field.value);
    if (!inside.is_object()) continue;
    const Envelope* envelope = find_envelope(inside, inner_);
    if (envelope == nullptr) envelope = find_wrapped(inside, depth + 1);
    if (envelope == nullptr) continue;
    root = inside;
    return envelope;
  }
  return nullptr;
}

void RowFinder::read_request(bool holds_answer, FoundRow& row) {
  if (!row.request) return;
  row.is_decision = is_decision_request(inner_.open(*row.request));
  if (row.is_decision) {
    row.has_text = true;
    row.text = simdjson::minify(*row.request);  // what tells two requests apart; the rows' text is linear_text.h's
    return;
  }
  row.text_trouble = read_request_text(*row.request, inner_, holds_answer, row.text);
  row.has_text = !row.text_trouble;
  const JsonValue request = inner_.open(*row.request);
  if (const auto temperature = field_of(request, "temperature"); temperature && temperature->is_number())
    row.sampled_warm = temperature->get_double().value() > 0.0;
  if (const auto top_p = field_of(request, "top_p"); top_p && top_p->is_number())
    row.cuts_candidates = top_p->get_double().value() < 1.0;
  // An answer alone: not a request that lacks something.
  if (holds_answer && row.text_trouble && row.text_trouble->reason == Reason::kMissingField) row.text_trouble.reset();
}

void RowFinder::read_response(bool is_whole_row, FoundRow& row) {
  if (!row.response || is_empty(*row.response)) return;
  if (is_decision_response(inner_.open(*row.response))) {
    row.has_answer = true;
    return;
  }
  const AnswerShape* shape = find_answer_shape(*row.response, inner_, is_whole_row);
  if (shape == nullptr) {
    JsonArray choices;
    const auto found = field_of(*row.response, "choices");
    const bool has_none = found && found->get_array().get(choices) == simdjson::SUCCESS && choices.size() == 0;
    row.has_answer = true;
    row.answer_trouble = Rejection{has_none ? Reason::kNoChoice : Reason::kUnknownAnswerShape, {}};
    return;
  }
  row.answer_trouble = read_shaped_answer(*shape, *row.response, inner_, row.answer);
  row.has_answer = true;
  // A conversation that waits for its answer is a request.
  const bool is_open =
      row.answer_trouble && row.answer_trouble->reason == Reason::kMissingField && !row.answer.has_text;
  if (is_whole_row && is_open && row.has_text) {
    row.has_answer = false;
    row.answer_trouble.reset();
  }
}

void RowFinder::read_failure(JsonValue root, const Envelope& envelope, FoundRow& row) {
  std::string told;
  const auto error = envelope.error.find(root, inner_);
  const bool failed = error && !is_empty(*error);
  if (failed) told = told_by(*error);
  std::string status;
  if (const auto found = envelope.status.find(root, inner_)) {
    if (found->is_number() && found->get_double().value() != 200.0 && found->get_double().value() > 99.0)
      status = fmt::format("status_code {}", simdjson::minify(*found));
    else if (is_failure(string_of(*found)))
      status = string_of(*found);
  }
  if (!failed && status.empty()) return;
  row.has_answer = true;
  row.answer_trouble =
      Rejection{Reason::kTeacherError, fmt::format("{}{}{}", status, status.empty() || told.empty() ? "" : ", ", told)};
}

}  // namespace noggin::data
