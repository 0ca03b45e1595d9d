#include "data/vocabulary/folded_words.h"

#include "bytes/utf8.h"
#include "data/vocabulary/vocabulary.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/unicode_tables.h"

namespace noggin::data {
namespace {

bool is_punctuation(const runtime::UnicodeTables& unicode, std::string_view word) {
  std::size_t end = 0;
  const std::uint32_t c = decode_utf8(word, end);
  if (end != word.size()) return false;
  if (c >= 0x80) return (unicode.find(c).classes() & runtime::kPunctuation) != 0;
  return !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}

}  // namespace

WordFolder::WordFolder() : unicode_(build_unicode_tables()) {}

std::vector<FoldedWord> WordFolder::words(std::string_view text) const {
  const runtime::UnicodeTables unicode = *runtime::UnicodeTables::bind(unicode_);
  const runtime::NormalizerOptions options{
      .lowercase = true, .strip_accents = false, .max_word_characters = runtime::kMaxWordCharacters};
  runtime::WordReader reader(unicode, options, text);
  std::vector<FoldedWord> words;
  while (reader.next()) {
    const TextSpan place = reader.place();
    const std::string_view letters =
        reader.too_long() ? text.substr(place.begin, place.end - place.begin) : reader.word();
    words.push_back({std::string(letters), place, !reader.too_long() && is_punctuation(unicode, letters)});
  }
  return words;
}

}  // namespace noggin::data
