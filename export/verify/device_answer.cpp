#include "export/verify/device_answer.h"

#include "format/reader.h"

namespace noggin::exporter {
namespace {

Result<train::RowAnswer> tagged(Session& session, std::string_view text, std::vector<TaggedSpan>& scratch) {
  while (true) {
    const Result<std::size_t> found = session.tag(text, scratch);
    if (!found) return found.error();
    if (*found <= scratch.size()) return train::TaskReader::from_spans(std::span(scratch).first(*found));
    scratch.resize(*found);
  }
}

}  // namespace

Result<train::RowAnswer> device_answer(const Model& model, Session& session, std::string_view text,
                                       std::vector<TaggedSpan>& scratch) {
  if (spec::is_per_token(model.task())) return tagged(session, text, scratch);
  if (model.task() == spec::TaskKind::kMultiLabel) {
    const Result<std::span<const float>> probabilities = session.probabilities(text);
    if (!probabilities) return probabilities.error();
    return train::TaskReader::above_thresholds(*probabilities, model.view().decision.thresholds);
  }
  const Result<Answer> answer = session.classify(text);
  if (!answer) return answer.error();
  if (model.task() == spec::TaskKind::kScore) {
    return train::TaskReader::from_score(answer->probability, model.view().decision.thresholds);
  }
  return train::RowAnswer{static_cast<std::int32_t>(answer->label), answer->abstained ? 1 : 0};
}

}  // namespace noggin::exporter
