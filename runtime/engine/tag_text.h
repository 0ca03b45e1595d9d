// From a text to its spans, for taggers: windows of the text (tokenizer/windows.h), the logits of each, the best
// sequence of classes (engine/tag_decoder.h), and words joined into spans. The caller computes the logits, so that a
// session and the trainer's forward passes answer by the same rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/tag_decoder.h"
#include "noggin/text_span.h"
#include "spec/check.h"
#include "spec/tag_scheme.h"
#include "tokenizer/windows.h"
#include "tokenizer/wordpiece.h"

namespace noggin::runtime {

// What defines a tagger, apart from its logits. The referenced objects must outlive everything made from it.
struct TagRules {
  const WordPieceTokenizer& tokenizer;
  const spec::TagScheme& scheme;
  float temperature;       // > 0; divides logits where probabilities are computed; does not affect which spans are
                           // found
  std::size_t max_tokens;  // of a window, at least 3
  std::span<const spec::Check> checks{};
};

// The memory that a text of any length takes, in bytes; and how its start must be aligned. classes: C.
std::size_t tag_scratch_bytes(std::size_t classes, std::size_t max_tokens);
inline constexpr std::size_t kTagScratchAlignment = alignof(TextSpan);

// That memory, divided.
struct TagBuffers {
  WindowBuffers window;
  TagDecoderBuffers decoder;
  std::span<std::uint32_t> classes;  // [max_tokens]
};

// One text, a window at a time: next_window(), then take_logits() of its tokens, then next_span() until it is false.
// Repeat until next_window() returns false, then take the last spans by next_span(). tag_text() below does this.
// A span starts at a begin class (or for TaskKind::kEdit any inside class) and takes the inside classes that follow,
// also across windows. It covers its first word's first byte to its last word's last byte, and the marks and invisible
// characters directly behind that (end_of_marks() in tokenizer/normalizer.h), even where a mark is a word of its own.
//
// Checks (checks/find.h) find spans in the text alone: the first one at or behind the end of the one before. Each is
// a span of the answer, with probability 1; the model's spans keep only what lies outside of those. A part that is cut
// off begins and ends with a letter, a digit or a character beyond ASCII, and is no span where it has none: so a check
// never uncovers a word that the model would cover.
// Allocates nothing. Expects the environment of float_environment.h.
class TextTagger {
 public:
  TextTagger(const TagRules& rules, std::string_view text, std::span<std::byte> scratch);
  TextTagger(const TextTagger&) = delete;
  TextTagger& operator=(const TextTagger&) = delete;

  bool next_window();
  std::span<const std::uint32_t> token_ids() const { return window_.ids; }  // [T] of the window
  void take_logits(std::span<const float> logits);                          // [T, C], needed until the next window
  bool next_span(TaggedSpan& span);

 private:
  bool next_model_span(TaggedSpan& span);
  void find_check(std::size_t from);
  float probability_of(std::size_t word) const;
  bool close(TaggedSpan& span);
  void open(std::size_t word, std::uint32_t type);

  TagRules rules_;
  std::string_view text_;
  TagBuffers buffers_;  // classes: those of the window's words from window_.first on
  WindowReader reader_;
  Window window_;
  std::span<const float> logits_;
  std::size_t word_ = 0;  // the window's next word to go into a span
  std::uint32_t class_;   // of the last word that was used
  bool over_ = false, open_ = false;
  TaggedSpan span_{};         // grows while open_
  std::size_t span_end_ = 0;  // of the last closed span: the next one begins there or later
  bool waiting_ = false;      // model_ is what is left of a span of the model
  TaggedSpan model_{};
  bool checked_ = false;  // check_ is what the checks find next
  TaggedSpan check_{};
  std::size_t covered_ = 0;  // end of the last span of a check
};

// logits_of_window(ids) -> [T, C] for the T ids of a window, valid until it is called again; emit(const TaggedSpan&)
// gets each span, in order. Both may throw. scratch: tag_scratch_bytes() bytes.
template <typename LogitsOfWindow, typename Emit>
void tag_text(const TagRules& rules, std::string_view text, std::span<std::byte> scratch,
              LogitsOfWindow&& logits_of_window, Emit&& emit) {
  TextTagger tagger(rules, text, scratch);
  TaggedSpan span;
  while (tagger.next_window()) {
    tagger.take_logits(logits_of_window(tagger.token_ids()));
    while (tagger.next_span(span)) emit(span);
  }
  while (tagger.next_span(span)) emit(span);
}

// The same, allocating its own memory.
template <typename LogitsOfWindow>
std::vector<TaggedSpan> tag_text(const TagRules& rules, std::string_view text, LogitsOfWindow&& logits_of_window) {
  const std::size_t bytes = tag_scratch_bytes(rules.scheme.type_of.size(), rules.max_tokens);
  std::vector<TextSpan> scratch(bytes / sizeof(TextSpan) + 1);
  std::vector<TaggedSpan> spans;
  tag_text(rules, text, std::as_writable_bytes(std::span<TextSpan>(scratch)), logits_of_window,
           [&](const TaggedSpan& span) { spans.push_back(span); });
  return spans;
}

}  // namespace noggin::runtime
