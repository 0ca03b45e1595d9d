// A word of a text -> the sparse binary features that a linear tagger judges it by: hash buckets of
//   the word (lower-cased, ASCII only), its first and last 1 to 4 characters, its runs of 3 characters with one space before
//     and behind, its shape, its spelling, and on which sides something that is no space touches it;
//   the two words on either side, or that there is none, their shapes, and the pairs of neighbours among these five words;
//   the next four words on either side, wherever they are among these.
// With repetitions, for a task that deletes what a speaker takes back: how far on the word, its neighbours and the pairs that
// these start come again, how far back they were, and which repeated word it stands between, how far from either.
//
// A shape is the kinds of a word's characters, a run of one kind as one: "A" upper case, "a" lower case, "0" digit, "." other
// ASCII, "u" beyond ASCII; a spelling is those of its first 8 characters one by one. "Anna" is "Aa" and "Aaaa". Characters
// are code points; any bytes are text.
//
// Chosen on dev (SNIPS slots and Presidio: span F1, Disfl-QA: exact match): without the pairs 0.3 / 0 / 1.0 points less,
// without the words further on 2.6 / 3.5 / 0.7, without repetitions Disfl-QA 5.1 less.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "noggin/text_span.h"

namespace noggin::train {

// The words of one text, or of one window of it: what lies outside is not seen. One object serves one thread.
class WordFeatures {
 public:
  static constexpr std::size_t kRepetitionWords = 12;  // how far away a word that comes again is noticed

  // words: ascending places in `text`; both must outlive the object. buckets >= 1.
  WordFeatures(std::string_view text, std::span<const TextSpan> words, std::uint32_t buckets, bool repetitions);
  // The buckets of word `word` < words.size(), each once, in rising order. Two features may share a bucket; nothing undoes
  // that. Valid until the next call.
  std::span<const std::uint32_t> of(std::size_t word);

 private:
  enum Template : char;  // what a feature is of; defined with the features

  bool exists(std::size_t word, int offset) const;
  std::string_view letters(std::size_t word, int offset) const;
  void find_repetitions();
  void add(Template kind, int number, std::string_view first = {}, std::string_view second = {});
  void add_word(std::size_t word);
  void add_neighbours(std::size_t word);
  void add_repetitions(std::size_t word);

  std::string_view text_;
  std::string lower_;  // of text_
  std::span<const TextSpan> words_;
  std::uint32_t buckets_;
  std::vector<std::string> shapes_;  // [words]
  // [words] how many words on the same word (the same pair of this word and the next) comes again, or was there before;
  // 0: nowhere near. Empty without repetitions.
  std::vector<std::uint8_t> again_, before_, pair_again_, pair_before_;
  std::vector<std::uint32_t> found_;
};

}  // namespace noggin::train
