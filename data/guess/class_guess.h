// Which of the words that rows and answers use are classes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace noggin::data {

using WordCounts = std::map<std::string, std::uint64_t>;

inline constexpr std::size_t kMostClasses = 2000;
inline constexpr std::size_t kLongestClassBytes = 80;

// One spelling for each class: the most frequent one.
WordCounts merge_spellings(const WordCounts& words);

// The answers of a teacher, as the words that they seem to be.
class AnswerWords {
 public:
  // text: of one answer. doubtful: it was cut, or its tokens spell something else.
  void add(std::string_view text, bool doubtful);
  std::uint64_t answers() const { return answers_; }
  // Words that are frequent enough to be no accident. One that was seen once is none where it is doubtful, refuses, or
  // is a sentence that names words that were seen often ("The answer is A"). `unread`: the answers that are left.
  WordCounts classes(std::uint64_t& unread) const;

 private:
  WordCounts words_, sound_;  // sound_: without the doubtful ones
  std::uint64_t answers_ = 0, unread_ = 0;
};

}  // namespace noggin::data
