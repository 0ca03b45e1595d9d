#include "tokenizer/windows.h"

#include <algorithm>

namespace noggin::runtime {

bool WindowReader::next(Window& window) {
  if (done_) return false;
  EncodedWords found = encode();
  std::size_t known = committed_words(found.words);
  if (!found.whole && known + 1 >= found.words && start_ < committed_) {
    start_ = committed_;  // the next word does not fit after its context
    found = encode();
    known = 0;
  }
  if (found.whole) {
    done_ = true;
    window = view(found.tokens, found.words, known);
    window.end = found.words;
    return known < found.words;
  }
  if (found.words == 1) {
    window = view(found.tokens, 1, 0);
    window.end = 1;
    start_ = committed_ = window.place(0).end;
    return true;
  }
  commit_and_overlap(window, found.words - 1, known);
  return true;
}

// The window of the text from start_ on, with positions in the whole text.
EncodedWords WindowReader::encode() const {
  const EncodedWords found =
      tokenizer_.encode(text_.substr(start_), buffers_.ids, buffers_.places, buffers_.word_starts);
  for (std::size_t t = 1; t + 1 < found.tokens; ++t) {
    buffers_.places[t].begin += start_;
    buffers_.places[t].end += start_;
  }
  return found;
}

// Cuts the window after `words` words (the room holds at least part of one more); decides which of them it commits and
// where the next window starts. Tokens are counted from the end of a full window: if a long word is cut off, a later
// window would give the words before it no more context.
void WindowReader::commit_and_overlap(Window& window, std::size_t words, std::size_t known) {
  const std::size_t border = buffers_.ids.size() - 1, overlap = buffers_.ids.size() / 4;
  const std::size_t context = first_word_from(border - overlap, words);
  const std::size_t end = std::max(first_word_from(border - overlap / 2, words), known + 1);
  start_ = buffers_.places[buffers_.word_starts[context]].begin;
  const std::size_t separator = buffers_.word_starts[words];
  buffers_.ids[separator] = tokenizer_.sep_id();
  buffers_.places[separator] = {};
  window = view(separator + 1, words, known);
  window.end = end;
  committed_ = window.place(end - 1).end;
}

// How many of the words in the buffers are already committed.
std::size_t WindowReader::committed_words(std::size_t words) const {
  std::size_t known = 0;
  while (known < words && buffers_.places[buffers_.word_starts[known]].begin < committed_) ++known;
  return known;
}

// The first of the words that starts at this token or later; `words` if none does.
std::size_t WindowReader::first_word_from(std::size_t token, std::size_t words) const {
  const auto starts = buffers_.word_starts.first(words);
  return static_cast<std::size_t>(std::lower_bound(starts.begin(), starts.end(), token) - starts.begin());
}

Window WindowReader::view(std::size_t tokens, std::size_t words, std::size_t first) const {
  return {buffers_.ids.first(tokens), buffers_.places.first(tokens), buffers_.word_starts.first(words + 1), first,
          first};
}

}  // namespace noggin::runtime
