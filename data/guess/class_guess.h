// Which of the words that rows and answers use are classes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "data/answers/logged_answer.h"

namespace noggin::data {

using WordCounts = std::map<std::string, std::uint64_t>;

inline constexpr std::size_t kMostClasses = 2000;
inline constexpr std::size_t kLongestClassBytes = 80;

// One spelling for each class: the most frequent one.
WordCounts merge_spellings(const WordCounts& words);

// Whether labels are numbers from 0 to 1, some of them between: a scale, not classes.
bool are_levels(const WordCounts& labels);

// The answers of a teacher, as the words that they seem to be.
class AnswerWords {
 public:
  void add(const LoggedAnswer& answer);
  std::uint64_t answers() const { return answers_; }
  // Words that are frequent enough to be no accident. One that was seen once is none where it is doubtful, refuses, or
  // is a sentence that names words that were seen often ("The answer is A"). `unread`: the answers that are left.
  WordCounts classes(std::uint64_t& unread) const;
  // The one token, a number ("token_id:362"), with which this class was always answered, and no other; or "".
  std::string number_of(std::string_view name) const;

 private:
  // doubtful: the answer was cut, or its tokens spell something else.
  void add(std::string_view text, bool doubtful);

  std::map<std::string, WordCounts, std::less<>> numbers_;  // class_key of an answer -> tokens that are numbers
  WordCounts words_, sound_;                                // sound_: without the doubtful ones
  std::uint64_t answers_ = 0, unread_ = 0;
};

}  // namespace noggin::data
