// The text inside a prompt: "Classify this ticket.\n\nTicket: {text}\n\nAnswer:". What all prompts of a log share says
// nothing of any of them, and the student is asked with the text alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "noggin/result.h"

namespace noggin::data {

class TextTemplate {
 public:
  // kInvalidArgument unless "{text}" stands in it once, with something before or behind it.
  static Result<TextTemplate> parse(std::string_view written);
  // Leaves of a prompt what stands at {text}, without outer white space; false, and nothing changed, if the prompt
  // begins or ends otherwise. White space at the prompt's own ends does not count.
  bool take_text(std::string& prompt) const;

 private:
  std::string before_, behind_;
};

// What prompts share, seen one after another.
class CommonTemplate {
 public:
  void add(std::string_view prompt);
  // As TextTemplate::parse takes it; "" if the prompts are few, or what they share is no more than how people begin and
  // end what they write: a template goes on over a line end, or to a colon or a quote.
  std::string written() const;

 private:
  std::string before_, behind_, first_;
  std::uint64_t prompts_ = 0;
  bool differ_ = false;
};

}  // namespace noggin::data
