// Decision rows written in a test: JSON text with a parser that owns the tree.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>

#include "data/decisions/decision.h"

namespace noggin::data::test_decisions {

// JSON as a test likes to write it; the tree lives as long as this.
class Json {
 public:
  explicit Json(std::string text) : text_(std::move(text)), padded_(text_), parser_(new simdjson::dom::parser) {
    EXPECT_EQ(parser_->parse(padded_).get(root_), simdjson::SUCCESS) << text_;
  }
  operator JsonValue() const { return root_; }  // NOLINT: stands for its tree
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  simdjson::padded_string padded_;
  std::unique_ptr<simdjson::dom::parser> parser_;
  JsonValue root_;
};

inline Checked<DecisionRow> read(const std::string& request, const std::string& response,
                                 const DecisionOptions& options = {}) {
  const Json asked(request), answered(response);
  return read_decision({.request = asked, .request_json = asked.text(), .response = answered}, options);
}

inline DecisionRow read_row(const std::string& request, const std::string& response,
                            const DecisionOptions& options = {}) {
  Checked<DecisionRow> row = read(request, response, options);
  if (const auto* bad = std::get_if<Rejection>(&row)) {
    ADD_FAILURE() << reason_code(bad->reason) << ": " << bad->detail;
    return {};
  }
  return std::get<DecisionRow>(std::move(row));
}

inline Reason refused(const std::string& request, const std::string& response, const DecisionOptions& options = {}) {
  const Checked<DecisionRow> row = read(request, response, options);
  if (const auto* bad = std::get_if<Rejection>(&row)) return bad->reason;
  ADD_FAILURE() << "accepted: " << request;
  return Reason::kNoAnswer;
}

// A System One request with one choice "shelf" of the given options, as a JSON object of criteria.
inline std::string shelf_request(const std::string& criteria = R"({"a": null, "b": null, "c": null})") {
  return R"({"model": "m", "state": "where is the atlas", "questions": {"shelf": {"type": "choice", "instructions": )"
         R"("Which shelf?", "criteria": )" +
         criteria + "}}}";
}

inline std::string shelf_answer(const std::string& probabilities, const std::string& more = {}) {
  return R"({"model": "m-1", "answers": {"shelf": {"type": "choice", "probabilities": )" + probabilities + more + "}}}";
}

// The only answer of a shelf_request.
inline QuestionAnswer shelf(const std::string& probabilities, const std::string& more = {},
                            const DecisionOptions& options = {}) {
  const DecisionRow row = read_row(shelf_request(), shelf_answer(probabilities, more), options);
  EXPECT_EQ(row.questions.size(), 1U);
  return row.questions.empty() ? QuestionAnswer{} : row.questions[0];
}

inline Reason missing(const QuestionAnswer& answer) {
  EXPECT_TRUE(answer.missing) << answer.name << " has an answer";
  EXPECT_TRUE(answer.p.empty());
  return answer.missing ? answer.missing->reason : Reason::kNoAnswer;
}

}  // namespace noggin::data::test_decisions
