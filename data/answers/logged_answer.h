// What a log holds of one answer of a teacher, whatever the family of the log: its text, its tokens, how it ended.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace noggin::data {

// A token that might have been sampled. Its text is made of the token's bytes, if the log has them, else of its text
// (U+FFFD then stands for half a character). The same token listed twice is one token.
struct ListedToken {
  ListedToken(std::string_view text, double log_probability) : token(text), logprob(log_probability) {}
  ListedToken(std::string&&, double) = delete;  // it would not live long enough: LoggedAnswer::keep

  std::string_view token;
  double logprob;  // natural logarithm; -infinity, or anything below kNoMassLogprob: no mass
};

// Servers write -9999, -1e9 or the smallest float for "no mass": a double's exp is 0 far above it.
inline constexpr double kNoMassLogprob = -1000;

// The sampled token, and what might have been sampled instead: alternatives[first, first + count), usually the sampled
// token among them.
struct TokenPosition {
  std::string_view token;
  double logprob = 0;
  std::size_t first = 0, count = 0;
};

// Reused from row to row. Views are into the line of the log, or into what keep() returned, and must live until the
// next clear().
struct LoggedAnswer {
  bool has_text = false;
  std::string text;         // the answer's own text, its parts joined; or the arguments of its one tool call
  bool has_tokens = false;  // token positions were logged
  std::vector<TokenPosition> positions;
  std::vector<ListedToken> alternatives;
  std::string_view finish_reason;    // as logged ("stop", "length", "content_filter", "SAFETY", ...), or ""
  bool refused = false;              // the log itself says that the teacher refused
  std::optional<double> confidence;  // of the label, in [0, 1], if the log has one beside the answer

  // Owns a token's text that does not lie in the line as it is.
  std::string_view keep(std::string token) { return kept_.emplace_back(std::move(token)); }

  void clear() {
    has_text = has_tokens = refused = false;
    text.clear();
    positions.clear();
    alternatives.clear();
    finish_reason = {};
    confidence.reset();
    if (!kept_.empty()) kept_.clear();
  }

 private:
  std::deque<std::string> kept_;
};

}  // namespace noggin::data
