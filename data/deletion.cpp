#include "data/deletion.h"

#include <string>

#include "data/vocabulary.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/unicode_tables.h"
#include "tokenizer/utf8.h"

namespace noggin::data {
namespace {

struct Word {
  std::string letters;
  TextSpan place;
  bool punctuation;
  bool kept = false;
};

bool is_punctuation(const runtime::UnicodeTables& unicode, std::string_view word) {
  std::size_t end = 0;
  const std::uint32_t c = runtime::decode_utf8(word, end);
  if (end != word.size()) return false;
  if (c >= 0x80) return (unicode.find(c).classes() & runtime::kPunctuation) != 0;
  return !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}

std::vector<Word> words_of(const runtime::UnicodeTables& unicode, std::string_view text) {
  const runtime::NormalizerOptions options{.lowercase = true, .strip_accents = false,
                                           .max_word_characters = runtime::kMaxWordCharacters};
  runtime::WordReader reader(unicode, options, text);
  std::vector<Word> words;
  while (reader.next()) {
    const TextSpan place = reader.place();
    const std::string_view letters =
        reader.too_long() ? text.substr(place.begin, place.end - place.begin) : reader.word();
    words.push_back({std::string(letters), place, !reader.too_long() && is_punctuation(unicode, letters)});
  }
  return words;
}

// Punctuation of target[begin, end) in text[low, high), from the end, in order.
void keep_punctuation(const std::vector<Word>& target, std::size_t begin, std::size_t end, std::vector<Word>& text,
                      std::size_t low, std::size_t high) {
  while (end > begin) {
    --end;
    std::size_t at = high;
    while (at > low && !(text[at - 1].punctuation && text[at - 1].letters == target[end].letters)) --at;
    if (at == low) continue;  // the target adds it
    high = at - 1;
    text[high].kept = true;
  }
}

// Marks the words of `text` that stay. False: a target word is missing.
bool keep_words(const std::vector<Word>& target, std::vector<Word>& text) {
  std::size_t text_end = text.size(), punctuation_end = target.size();
  for (std::size_t t = target.size(); t-- > 0;) {
    if (target[t].punctuation) continue;
    std::size_t at = text_end;
    while (at > 0 && (text[at - 1].punctuation || text[at - 1].letters != target[t].letters)) --at;
    if (at == 0) return false;
    keep_punctuation(target, t + 1, punctuation_end, text, at, text_end);
    text[at - 1].kept = true;
    text_end = at - 1;
    punctuation_end = t;
  }
  keep_punctuation(target, 0, punctuation_end, text, 0, text_end);
  return true;
}

}  // namespace

DeletionFinder::DeletionFinder() : unicode_(build_unicode_tables()) {}

std::optional<std::vector<TypedSpan>> DeletionFinder::find(std::string_view text, std::string_view target) const {
  const runtime::UnicodeTables unicode = *runtime::UnicodeTables::bind(unicode_);
  std::vector<Word> words = words_of(unicode, text);
  if (!keep_words(words_of(unicode, target), words)) return std::nullopt;
  std::vector<TypedSpan> spans;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].kept) continue;
    if (i == 0 || words[i - 1].kept) spans.push_back({static_cast<std::uint32_t>(words[i].place.begin), 0, 0});
    spans.back().end = static_cast<std::uint32_t>(words[i].place.end);
  }
  return spans;
}

}  // namespace noggin::data
