// Which classes' words begin with some text: how an answer that is still being spelled is given to a class.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace noggin::data {

inline constexpr std::int32_t kNoClass = -1, kSeveralClasses = -2;

// Words are compared byte by byte. Queries take O(log words) comparisons, allocate nothing and may run in any thread.
class WordPrefixes {
 public:
  WordPrefixes() = default;
  struct Word {
    std::string text;
    std::int32_t class_index;
  };
  explicit WordPrefixes(std::vector<Word> words);

  // Of the words that begin with `prefix` and go on after it: their class, kNoClass if there is none, kSeveralClasses
  // if they are not of one class. The empty prefix begins every word.
  std::int32_t class_of(std::string_view prefix) const;
  // Whether a word of a class other than `class_index` begins with `prefix` and goes on after it.
  bool continues_into_another(std::string_view prefix, std::int32_t class_index) const {
    const std::int32_t owner = class_of(prefix);
    return owner != kNoClass && owner != class_index;
  }
  // Whether a word begins with this byte, or with the same ASCII letter in the other case.
  bool may_begin_with(char first) const { return first_bytes_[static_cast<unsigned char>(first)]; }
  std::size_t longest_bytes() const { return longest_bytes_; }

 private:
  std::vector<Word> words_;                 // ascending
  std::vector<std::size_t> same_class_to_;  // per word: the first later word of another class
  std::bitset<256> first_bytes_;
  std::size_t longest_bytes_ = 0;
};

}  // namespace noggin::data
