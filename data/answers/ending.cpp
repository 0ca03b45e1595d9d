#include "data/answers/ending.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "data/answers/word_marks.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

template <std::size_t N>
bool is_among(std::string_view reason, const std::array<std::string_view, N>& names) {
  return !reason.empty() &&
         std::ranges::any_of(names, [&](std::string_view name) { return equal_without_case(reason, name); });
}

// How the servers of this field say why an answer ended.
constexpr std::array<std::string_view, 5> kCutReasons = {"length", "max_tokens", "max_output_tokens", "model_length",
                                                         "model_context_window_exceeded"};
constexpr std::array<std::string_view, 11> kFilterReasons = {
    "content_filter",       "content_filtered", "safety",       "recitation", "prohibited_content", "blocklist", "spii",
    "guardrail_intervened", "content-filter",   "image_safety", "language"};
constexpr std::array<std::string_view, 3> kRefusalReasons = {"refusal", "refused", "content_refusal"};

}  // namespace

Trouble trouble_of_ending(const LoggedAnswer& answer) {
  if (is_among(answer.finish_reason, kFilterReasons))
    return Rejection{Reason::kAnswerFiltered, std::string(answer.finish_reason)};
  if (answer.refused || is_among(answer.finish_reason, kRefusalReasons))
    return Rejection{Reason::kTeacherRefused, excerpt(answer.text)};
  return std::nullopt;
}

bool is_cut(const LoggedAnswer& answer) { return is_among(answer.finish_reason, kCutReasons); }

}  // namespace noggin::data
