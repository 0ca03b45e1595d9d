// What one teacher answered to one text, as its log has it: the answer's own text and, if logged, its tokens.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace noggin::data {

struct ListedToken {
  std::string_view token{};
  double logprob = 0.0;  // -infinity: no mass
};

// One position of the answer: the token that was sampled, and what else the log lists there.
struct TokenPosition {
  std::string_view token{};
  double logprob = 0.0;
  std::size_t first = 0, count = 0;  // of LoggedAnswer::alternatives
};

// Reused for every row. Views are valid as long as the row that was read.
struct LoggedAnswer {
  bool has_text = false;
  std::string text{};  // parts joined; the arguments if the answer is one call of a tool
  bool has_tokens = false;
  std::vector<TokenPosition> positions{};
  std::vector<ListedToken> alternatives{};
  std::string_view finish_reason{};    // "stop", "length", ..., "": not logged
  bool refused = false;                // the log itself says that the teacher refused
  std::optional<double> confidence{};  // of a label

  void clear() {
    has_text = has_tokens = refused = false;
    text.clear();
    positions.clear();
    alternatives.clear();
    finish_reason = {};
    confidence.reset();
  }
};

}  // namespace noggin::data
