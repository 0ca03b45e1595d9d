#include "export/verify/target.h"

namespace noggin::exporter {

Result<std::vector<train::Prediction>> Target::answers(const Chunk& chunk, const train::DatasetLogits& logits) {
  std::vector<train::Prediction> answers;
  for (std::size_t row = chunk.begin; row < chunk.end; ++row) {
    answers.push_back(chunk.all.reader.answer(chunk.all.rows, chunk.all.inputs, logits, row));
  }
  return answers;
}

Status UnavailableTarget::logits(const Chunk&, train::DatasetLogits&, std::vector<double>&) {
  return Error{ErrorCode::kUnsupported, obstacle()};
}

}  // namespace noggin::exporter
