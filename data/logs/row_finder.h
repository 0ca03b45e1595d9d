// What one document of a log is: a question with its answer, one of the two alone, or one of our own rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/answers/logged_answer.h"
#include "data/json/json_path.h"
#include "data/logs/envelopes.h"

namespace noggin::data {

// Reused for every row. Views and values are valid until the next call of find().
struct FoundRow {
  std::string_view family{};  // what was recognised: an envelope, an answer's shape, or kOurRows
  bool is_own_row = false;    // nothing of a teacher's log: read it with row_fields.h
  std::optional<std::string> id{};
  std::optional<JsonValue> request{}, response{};
  bool is_decision = false;  // the request asks typed questions: read request and response with data/decisions
  bool has_text = false;
  std::string text{};
  Trouble text_trouble{};  // there is a request, but no text to learn from in it
  bool has_answer = false;
  LoggedAnswer answer{};
  Trouble answer_trouble{};      // there is an answer, or should be, but the teacher or the log failed
  bool sampled_warm = false;     // the request says temperature > 0: the text is a draw, not the most probable answer
  bool cuts_candidates = false;  // the request says top_p < 1

  void clear();
};

class RowFinder {
 public:
  static constexpr std::string_view kOurRows = "rows";

  // forced: the only envelope that rows may have; null: any.
  explicit RowFinder(const Envelope* forced = nullptr) : forced_(forced) {}
  // root: of one document; lives as long as `row` is used.
  void find(JsonValue root, FoundRow& row);
  EmbeddedJson& inner() { return inner_; }

 private:
  const Envelope* find_wrapped(JsonValue& root, int depth);
  void read_request(bool holds_answer, FoundRow& row);
  void read_response(bool is_whole_row, FoundRow& row);
  void read_failure(JsonValue root, const Envelope& envelope, FoundRow& row);

  const Envelope* forced_;
  EmbeddedJson inner_;
};

}  // namespace noggin::data
