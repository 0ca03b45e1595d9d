#include "data/guess/question_guess.h"

#include <variant>

#include "data/decisions/decision.h"

namespace noggin::data {
namespace {

void note_file(std::vector<std::size_t>& files, std::size_t file) {
  if (files.empty() || files.back() != file) files.push_back(file);
}

}  // namespace

bool QuestionGuess::look_at(std::size_t file, JsonValue root, const FoundRow& found, EmbeddedJson& inner,
                            std::string_view document) {
  DecisionPair pair{.request = root, .request_json = document};
  if (found.is_own_row) {
    const bool asks = is_decision_request(root);
    if (!asks && !is_decision_response(root)) return false;
    note_file(asks ? asking_ : answering_, file);
    ++documents_;
    if (!asks) return true;
  } else {
    const std::optional<JsonValue> response =
        found.response ? std::optional<JsonValue>(inner.open(*found.response)) : std::nullopt;
    const bool answers = response && is_decision_response(*response);
    if (!found.is_decision && !answers) return false;
    ++documents_;
    if (!found.is_decision) return true;
    pair.request = inner.open(*found.request);
    if (found.request->is_string()) pair.request_json = string_of(*found.request);
    if (answers) pair.response = response;
  }
  Checked<DecisionRow> row = read_decision(pair, {});
  if (auto* read = std::get_if<DecisionRow>(&row)) ledger_.add(*read);
  return true;
}

std::vector<std::pair<std::size_t, std::size_t>> QuestionGuess::side_by_side() const {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  if (asking_.size() != answering_.size()) return pairs;
  for (std::size_t i = 0; i < asking_.size(); ++i) pairs.emplace_back(asking_[i], answering_[i]);
  return pairs;
}

}  // namespace noggin::data
