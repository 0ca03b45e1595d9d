#include "engine/tag_text.h"

#include <algorithm>

#include "checks/characters.h"
#include "checks/find.h"
#include "spec/row_formulas.h"

namespace noggin::runtime {
namespace {

// Allocates arrays of trivial types from a block, one after the other. To be called in order of descending alignment.
class Parts {
 public:
  explicit Parts(std::span<std::byte> block) : rest_(block) {}
  template <typename T>
  std::span<T> take(std::size_t count) {
    T* const start = reinterpret_cast<T*>(rest_.data());
    rest_ = rest_.subspan(count * sizeof(T));
    return {start, count};
  }

 private:
  std::span<std::byte> rest_;
};

TagBuffers divide(const TagRules& rules, std::span<std::byte> scratch) {
  const std::size_t words = rules.max_tokens;  // never more than tokens
  Parts parts(scratch);
  TagBuffers buffers;
  buffers.window.places = parts.take<TextSpan>(rules.max_tokens);
  buffers.window.ids = parts.take<std::uint32_t>(rules.max_tokens);
  buffers.window.word_starts = parts.take<std::uint32_t>(rules.max_tokens);
  buffers.classes = parts.take<std::uint32_t>(words);
  buffers.decoder.best_before = parts.take<std::uint32_t>(words);
  buffers.decoder.sums = parts.take<float>(2 * rules.scheme.type_of.size());
  buffers.decoder.after_begin = parts.take<std::uint8_t>(words * rules.scheme.types.size());
  return buffers;
}

// The part of `place` within `uncovered`. An edge that is cut moves to the next word inside.
TextSpan words_outside(std::string_view text, const TextSpan& place, const TextSpan& uncovered) {
  TextSpan part = {std::max(place.begin, uncovered.begin), std::min(place.end, uncovered.end)};
  const auto is_word = [&](std::size_t i) {
    return checks::is_alphanumeric(text[i]) || static_cast<unsigned char>(text[i]) >= 0x80;
  };
  if (part.begin > place.begin)
    while (part.begin < part.end && !is_word(part.begin)) ++part.begin;
  if (part.end < place.end)
    while (part.begin < part.end && !is_word(part.end - 1)) --part.end;
  return part;
}

}  // namespace

std::size_t tag_scratch_bytes(std::size_t classes, std::size_t max_tokens) {
  const std::size_t max_types = classes / 2;  // each has a begin and an inside class, or is the only one, of kEdit
  return max_tokens * (sizeof(TextSpan) + 4 * sizeof(std::uint32_t) + max_types) + 2 * classes * sizeof(float);
}

TextTagger::TextTagger(const TagRules& rules, std::string_view text, std::span<std::byte> scratch)
    : rules_(rules),
      text_(text),
      buffers_(divide(rules, scratch)),
      reader_(rules.tokenizer, text, buffers_.window),
      class_(rules.scheme.outside) {
  find_check(0);
}

bool TextTagger::next_window() {
  over_ = !reader_.next(window_);
  word_ = window_.end;
  return !over_;
}

void TextTagger::take_logits(std::span<const float> logits) {
  logits_ = logits;
  word_ = window_.first;
  const auto rows = window_.word_starts.subspan(window_.first, window_.words() - window_.first);
  decode_tags(rules_.scheme, logits, rows, class_, buffers_.decoder, buffers_.classes);
}

void TextTagger::find_check(std::size_t from) {
  checked_ = checks::find_next(rules_.checks, text_, from, check_);
  if (checked_) check_.place.end = rules_.tokenizer.end_of_marks(text_, check_.place.end);
}

bool TextTagger::next_span(TaggedSpan& span) {
  for (;;) {
    if (!waiting_) waiting_ = next_model_span(model_);
    if (!waiting_ && !over_) return false;
    if (waiting_) {
      const std::size_t end = checked_ ? std::min(check_.place.begin, model_.place.end) : model_.place.end;
      const TextSpan part = words_outside(text_, model_.place, {covered_, end});
      span = model_;
      span.place = part;
      waiting_ = end < model_.place.end;
      model_.place.begin = std::max(model_.place.begin, end);
      if (part.begin < part.end) return true;
      if (!waiting_) continue;
    }
    if (!checked_) return false;
    span = check_;
    find_check(covered_ = check_.place.end);
    return true;
  }
}

bool TextTagger::next_model_span(TaggedSpan& span) {
  while (word_ < window_.end && !over_) {
    class_ = buffers_.classes[word_ - window_.first];
    const std::size_t word = word_++;
    const std::uint32_t type = rules_.scheme.type_of[class_];
    const bool outside = type == spec::TagScheme::kOutside;
    if (open_ && !outside && rules_.scheme.inside_class[type] == class_) {  // of span_'s type, by may_follow()
      span_.place.end = window_.place(word).end;
      span_.probability = std::min(span_.probability, probability_of(word));
      continue;
    }
    const bool closed = close(span);
    if (!outside) open(word, type);
    if (closed) return true;
  }
  return over_ && close(span);
}

// Starts a span at a word, unless all of the word belongs to the span before it.
void TextTagger::open(std::size_t word, std::uint32_t type) {
  span_ = {window_.place(word), type, probability_of(word)};
  span_.place.begin = std::max(span_.place.begin, span_end_);
  open_ = span_.place.begin < span_.place.end;
}

// Completes the growing span, if there is one.
bool TextTagger::close(TaggedSpan& span) {
  if (!open_) return false;
  span_.place.end = span_end_ = rules_.tokenizer.end_of_marks(text_, span_.place.end);
  span = span_;
  open_ = false;
  return true;
}

// softmax(logits / temperature) at class_, the class of this word; 0 if a NaN makes it undefined.
float TextTagger::probability_of(std::size_t word) const {
  const std::size_t count = rules_.scheme.type_of.size();
  const float* const row = logits_.data() + window_.word_starts[word] * count;
  float* const scaled = buffers_.decoder.sums.data();  // free until the next window
  for (std::size_t c = 0; c < count; ++c) scaled[c] = row[c] / rules_.temperature;
  spec::softmax(scaled, count, scaled);
  const float probability = scaled[class_];
  return probability == probability ? probability : 0.0F;
}

}  // namespace noggin::runtime
