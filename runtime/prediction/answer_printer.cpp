#include "prediction/answer_printer.h"

#include <new>

#include "prediction/prediction_text.h"

namespace noggin::runtime {

Status AnswerPrinter::print(std::span<const std::string_view> texts, std::string& out,
                            const std::function<void()>& after_line) try {
  const auto print_one = [&](std::size_t i, const Prediction& prediction, std::span<const float> logits) {
    append(texts[i], prediction, logits, out);
    after_line();
  };
  return predictor_.predict(texts, print_one, options_.logits);
} catch (const std::bad_alloc&) {  // of the callable itself
  return Error{ErrorCode::kOutOfSpace, "out of memory"};
}

void AnswerPrinter::append(std::string_view text, const Prediction& prediction, std::span<const float> logits,
                           std::string& out) {
  const std::size_t before = out.size();
  const std::span heads(&predictor_.head(), 1);
  const std::span predictions(&prediction, 1);
  try {
    if (options_.json) {
      append_json(text, heads, predictions, {options_.text, logits, options_.unit}, out);
    } else {
      append_line(heads, predictions, out);
    }
    out += '\n';
  } catch (const std::bad_alloc&) {
    out.resize(before);
    throw;
  }
}

}  // namespace noggin::runtime
