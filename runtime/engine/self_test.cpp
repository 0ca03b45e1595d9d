#include "engine/self_test.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "bytes/float_hash.h"
#include "bytes/message.h"

namespace noggin::runtime {
namespace {

// What differs, or an empty string.
std::string compare_ids(std::span<const std::uint32_t> found, std::span<const std::uint32_t> expected) {
  if (found.size() != expected.size()) {
    return message({"the tokenizer gives ", found.size(), " tokens, the file says ", expected.size()});
  }
  for (std::size_t t = 0; t < found.size(); ++t) {
    if (found[t] == expected[t]) continue;
    return message({"token ", t, " is ", found[t], " here, the file says ", expected[t]});
  }
  return {};
}

std::string compare_logits(std::span<const float> found, std::span<const float> expected) {
  if (found.size() != expected.size()) return message({"the file holds ", expected.size(), " logits"});
  for (std::size_t c = 0; c < found.size(); ++c) {
    if (same_bits(found.subspan(c, 1), expected.subspan(c, 1))) continue;
    return message({"logit ", c, " is ", found[c], " here, the file says ", expected[c]});
  }
  return {};
}

std::string check(Session& session, const format::GoldenView& golden) {
  if (std::string difference = compare_ids(session.tokenize(golden.text), golden.token_ids); !difference.empty()) {
    return difference;
  }
  const Result<std::span<const float>> logits = session.logits(golden.token_ids);
  if (!logits) return logits.error().message;
  if (!golden.logits.empty()) return compare_logits(*logits, golden.logits);
  return float_hash(*logits) == golden.logits_hash ? "" : "the logits have another hash than the file says";
}

}  // namespace

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

SelfTest self_test(Session& session, std::span<const format::GoldenView> golden) {
  SelfTest result;
  for (const format::GoldenView& vector : golden) {
    const std::string difference = check(session, vector);
    if (!difference.empty() && ++result.failed == 1) {
      result.first_failure = message({"golden vector ", result.checked, " (\"", vector.text, "\"), kernel set ",
                                      session.kernel_set(), ": ", difference});
    }
    ++result.checked;
  }
  return result;
}

}  // namespace noggin::runtime
