// An answer without everything around it, for those who do not know the classes yet.
#pragma once

#include <string>
#include <string_view>

namespace noggin::data {

// The word or phrase that an answer seems to be: without closed reasoning and marks (word_marks.h), the deciding field
// of a JSON object, the first line if more follow. "" for an answer that is more than a phrase.
std::string bare_answer(std::string_view text);

}  // namespace noggin::data
