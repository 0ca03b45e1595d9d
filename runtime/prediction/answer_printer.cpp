#include "prediction/answer_printer.h"

#include <algorithm>
#include <new>

namespace noggin::runtime {
namespace {

// Of a word of n characters an n-gram model reads at most 3n n-grams; word pieces are fewer.
constexpr std::size_t kMostTokensPerByte = 3;

}  // namespace

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

Status AnswerPrinter::print(std::span<const std::string_view> texts, std::span<const std::string> ids, std::string& out,
                            const std::function<void(const Printed&)>& after_line) try {
  const auto print_one = [&](std::size_t i, const Prediction& prediction, std::span<const float> logits) {
    const Printed printed = {i, is_cut(texts[i]), is_blank(texts[i])};
    JsonContents contents = {.id = ids.empty() ? std::string_view() : ids[i],
                             .text = options_.text,
                             .truncated = printed.cut,
                             .logits = logits,
                             .unit = options_.unit.value_or(TextUnit::kByte)};
    const auto* const answer = std::get_if<ClassAnswer>(&prediction);
    if (printed.blank && answer != nullptr) {
      append(texts[i], ClassAnswer{answer->label, answer->probability, true, true}, contents, out);
    } else {
      append(texts[i], prediction, contents, out);
    }
    after_line(printed);
  };
  return predictor_.predict(texts, print_one, options_.logits);
} catch (const std::bad_alloc&) {  // of the callable itself
  return Error{ErrorCode::kOutOfSpace, "out of memory"};
}

// Taggers read a text of any length, in windows.
bool AnswerPrinter::is_cut(std::string_view text) {
  if (spec::traits_of(model_.task()).per_token() || kMostTokensPerByte * text.size() + 2 < ids_.size()) return false;
  return model_.encode(text, ids_) == ids_.size();
}

void AnswerPrinter::append(std::string_view text, const Prediction& prediction, const JsonContents& contents,
                           std::string& out) {
  const std::size_t before = out.size();
  const std::span heads(&predictor_.head(), 1);
  const std::span predictions(&prediction, 1);
  try {
    if (options_.json) {
      append_json(text, heads, predictions, contents, out);
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
