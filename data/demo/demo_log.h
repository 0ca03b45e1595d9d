// The demo's teacher log in the form of an OpenAI batch: a request file and an output file.
#pragma once

#include <string>
#include <vector>

#include "data/demo/demo_grammar.h"

namespace noggin::data {

// The minimum number of texts: with fewer there is no place for the failed rows.
inline constexpr std::size_t kMinDemoRequests = 16;

// One line per text, custom_id "request-00000", ...
std::string demo_requests(const std::vector<DemoText>& texts);

// What came back, in a different order than the requests. As in real logs, some rows went wrong:
//   4 requests failed and were repeated: a failed row and, later, an answer (one failed twice)
//   1 request was answered twice, with slightly different probabilities
//   1 request failed and was never repeated
//   1 answer was logged without logprobs (null)
//   the last line is cut off in the middle
// So three requests have no usable answer.
std::string demo_output(const std::vector<DemoText>& texts, std::uint64_t seed);

}  // namespace noggin::data
