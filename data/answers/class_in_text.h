// Which class the text of an answer names, and where.
//
// In this order, and the first that applies decides:
//   1. Reasoning is left out: a closed block (<think>...</think> and its like), or everything before a closing mark
//      whose opening was part of the prompt. What follows an opening that is never closed is reasoning too.
//   2. The whole text is a class's word, but for marks around it (word_marks.h): `**Billing.**`, "A)", "```\nA\n```".
//   3. It holds JSON: the fields called label, class, category, answer, intent, ... decide, else the one field, else
//      the fields whose whole value is a class. What other fields say ("reason") does not count.
//   4. Its first or its last line is a class's word: "billing\n\nBecause the customer ...". An explanation mentions
//      other classes as often as not, so what stands between does not count.
//   5. A class that is announced: "The answer is A", "Category: billing", "intent = refund".
//   6. A refusal ("I cannot help with ...") names no class, whatever it mentions.
//   7. The leading word, if punctuation or a dash follows: "billing - because it is not a delivery".
//   8. The classes that it mentions, without those that it negates.
// Where a rule finds two classes, or 4 and 7 are taken back later on ("billing. Wait, delivery"), the answer is
// refused.
//
// Words are searched whole, and the longest wins: "refund_status" is not refund, "not spam" is not spam. Case and
// spelling are those of LabelSet::find_loosely. In running text, a word of one letter counts only where it is marked:
// quoted, emphasized or bracketed, at the very end, announced, after "option" and the like, or at the start before
// punctuation; in lower case ("a") only quoted or at the very end. Unmarked ones count where "or", "and" and the like
// stand beside them, so that "A or B" is two classes; and any capital letter but A and I contradicts another class.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/answers/logged_answer.h"
#include "data/rows/labels.h"
#include "data/rows/rejection.h"

namespace noggin::data {

struct ClassInText {
  std::int32_t class_index = kNoClass;
  std::string_view word{};             // as it stands in the text: a part of it
  std::optional<double> confidence{};  // that a JSON answer names beside the class, in [0, 1]
  bool confidence_unread = false;      // it names one that is no probability
};

// Reasons of refusal: kNoClassInAnswer, kSeveralClassesInAnswer, kNegatedClass, kTeacherRefused. Time linear in the
// text; running text (rules 4 to 8) of more than 64 KiB is not searched and names no class.
Checked<ClassInText> find_class(std::string_view text, const LabelSet& labels);

// Where the answer begins and ends in a text that may hold reasoning. unclosed: reasoning goes on to the end of the
// text.
std::string_view without_reasoning(std::string_view text, bool& unclosed);

// The answer's own text, or its tokens joined where the log has no text, without reasoning.
std::string said_in(const LoggedAnswer& answer);

// The inside of a code fence "```json\n...\n```" that is the whole text; any other text as it is.
std::string_view without_fence(std::string_view text);

// The class whose word `text` is, but for marks; nullopt if it is none.
std::optional<ClassInText> whole_word(std::string_view text, const LabelSet& labels);

}  // namespace noggin::data
