#include "data/answers/read_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "data/answers/class_in_text.h"
#include "data/answers/ending.h"
#include "data/answers/token_path.h"
#include "data/answers/word_marks.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

std::string spelled_by_tokens(const LoggedAnswer& answer, bool plain) {
  std::string text;
  for (const TokenPosition& position : answer.positions) append_token(position.token, plain, text);
  return text;
}

// "refund" at the end of an answer that was cut may have become "refund_status".
bool may_go_on(std::string_view text, const ClassInText& found, const LabelSet& labels) {
  return found.word.data() + found.word.size() == text.data() + text.size() &&
         labels.prefixes().continues_into_another(found.word, found.class_index);
}

void take_label(const ClassInText& found, std::optional<double> confidence, AnswerReading& reading) {
  const bool is_probability = confidence && *confidence >= 0 && *confidence <= 1;
  reading.confidence_unread = confidence ? !is_probability : found.confidence_unread;
  confidence = is_probability ? confidence : found.confidence;
  reading.from = confidence ? AnswerReading::From::kConfidence : AnswerReading::From::kText;
  reading.classes = {{found.class_index, confidence.value_or(1.0)}};
}

Rejection no_word(const LoggedAnswer& answer, std::string_view word) {
  std::string detail =
      fmt::format("the text says {}, the tokens {}", excerpt(word), excerpt(spelled_by_tokens(answer, false)));
  if (answer.positions[0].token.starts_with("token_id:"))
    detail += "; they are numbers, as vLLM's return_tokens_as_token_ids writes them";
  return {Reason::kTokensDoNotSpellAnswer, std::move(detail)};
}

Trouble read_masses(const LoggedAnswer& answer, std::string_view text, const ClassInText& found, const LabelSet& labels,
                    const AnswerOptions& options, AnswerReading& reading) {
  const std::optional<WordPlace> place = find_word(answer, text, found, labels);
  if (!place) {
    if (!options.labels_only_allowed) return no_word(answer, found.word);
    take_label(found, answer.confidence, reading);
    return std::nullopt;
  }
  reading.position = static_cast<std::uint32_t>(place->position);
  return add_masses(answer, *place, found.class_index, labels, reading.known_branches, reading.classes,
                    reading.other_mass);
}

// Order, sum and agreement.
Trouble settle(const AnswerOptions& options, AnswerReading& reading) {
  std::vector<ClassMass>& classes = reading.classes;
  std::ranges::sort(classes, [](const ClassMass& a, const ClassMass& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.class_index < b.class_index;
  });
  for (const ClassMass& entry : classes) reading.mass += entry.probability;
  if (reading.mass > 1) {
    for (ClassMass& entry : classes) entry.probability /= reading.mass;
    reading.mass = 1;
  }
  const double shown = reading.mass + reading.other_mass;
  if (classes.empty() || reading.mass < options.min_class_mass * shown)
    return Rejection{Reason::kLowClassMass, fmt::format("{:.3g} of the {:.3g} that the log shows, not {:.3g} of it",
                                                        reading.mass, shown, options.min_class_mass)};
  const double largest = classes.empty() ? 0 : classes.front().probability;
  reading.agrees = std::ranges::any_of(classes, [&](const ClassMass& entry) {
    return entry.class_index == reading.text_class && entry.probability >= largest;
  });
  if (classes.size() > options.top_k) classes.resize(options.top_k);
  return std::nullopt;
}

}  // namespace

Trouble read_answer(const LoggedAnswer& answer, const LabelSet& labels, const AnswerOptions& options,
                    AnswerReading& reading) {
  reading.from = AnswerReading::From::kTokens;
  reading.text_class = kNoClass;
  reading.classes.clear();
  reading.mass = reading.other_mass = 0;
  reading.position = 0;
  reading.agrees = true;
  reading.confidence_unread = false;
  if (Trouble ended = trouble_of_ending(answer)) return ended;
  const bool has_tokens = answer.has_tokens && !answer.positions.empty();
  std::string joined;
  std::string_view text = answer.text;
  bool unclosed = false;
  const auto find = [&] { return find_class(text = without_reasoning(text, unclosed), labels); };
  if (!answer.has_text) text = joined = has_tokens ? spelled_by_tokens(answer, false) : std::string();
  Checked<ClassInText> found = find();
  if (!answer.has_text && has_tokens && std::holds_alternative<Rejection>(found)) {
    text = joined = spelled_by_tokens(answer, true);
    found = find();
  }
  const bool cut = is_cut(answer);
  if (const auto* none = std::get_if<Rejection>(&found)) {
    const bool before_class = cut || (unclosed && text.empty());
    return before_class && none->reason == Reason::kNoClassInAnswer ? Rejection{Reason::kAnswerCut, none->detail}
                                                                    : *none;
  }
  const auto& word = std::get<ClassInText>(found);
  if (cut && may_go_on(text, word, labels)) return Rejection{Reason::kAnswerCut, excerpt(text)};
  reading.text_class = word.class_index;
  if (has_tokens) {
    if (Trouble trouble = read_masses(answer, text, word, labels, options, reading)) return trouble;
  } else if (options.labels_only_allowed) {
    take_label(word, answer.confidence, reading);
  } else {
    return Rejection{Reason::kMissingLogprobs, {}};
  }
  return settle(options, reading);
}

}  // namespace noggin::data
