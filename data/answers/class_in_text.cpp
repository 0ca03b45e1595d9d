#include "data/answers/class_in_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

#include "data/answers/json_fields.h"
#include "data/answers/prose.h"
#include "data/answers/word_marks.h"
#include "data/rows/class_name.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

using Found = std::optional<ClassInText>;
using CheckedFound = Checked<Found>;

struct ReasoningMarks {
  std::string_view open, close;
};
// Of the open models' chat templates, and what prompts ask for. An empty `open`: the marker that ends the reasoning.
constexpr ReasoningMarks kReasoning[] = {{"<think>", "</think>"},
                                         {"<thinking>", "</thinking>"},
                                         {"<thought>", "</thought>"},
                                         {"<thoughts>", "</thoughts>"},
                                         {"<reasoning>", "</reasoning>"},
                                         {"<reason>", "</reason>"},
                                         {"<reflection>", "</reflection>"},
                                         {"<analysis>", "</analysis>"},
                                         {"<scratchpad>", "</scratchpad>"},
                                         {"<seed:think>", "</seed:think>"},
                                         {"[THINK]", "[/THINK]"},
                                         {"◁think▷", "◁/think▷"},
                                         {"<|begin_of_thought|>", "<|end_of_thought|>"},
                                         {"<|channel|>analysis", "<|channel|>final<|message|>"},
                                         {"<unused94>", "<unused95>"}};

std::size_t find_without_case(std::string_view text, std::string_view mark, std::size_t from) {
  for (std::size_t at = text.find(mark[0], from); at != std::string_view::npos; at = text.find(mark[0], at + 1)) {
    if (equal_without_case(text.substr(at, mark.size()), mark)) return at;
  }
  return std::string_view::npos;
}

Rejection no_class(std::string_view text) {
  return {Reason::kNoClassInAnswer, text.empty() ? std::string("the answer is empty") : excerpt(text)};
}

Rejection several(const LabelSet& labels, std::int32_t a, std::int32_t b) {
  return {Reason::kSeveralClassesInAnswer,
          fmt::format("{} and {}", excerpt(labels.names()[static_cast<std::size_t>(a)]),
                      excerpt(labels.names()[static_cast<std::size_t>(b)]))};
}

// Collects classes that must all be one.
class OneClass {
 public:
  explicit OneClass(const LabelSet& labels) : labels_(labels) {}
  void add(const Found& found) {
    if (!found || conflict_) return;
    if (found_ && found_->class_index != found->class_index)
      conflict_ = several(labels_, found_->class_index, found->class_index);
    else
      found_ = found;  // the last place counts: what is said first may be a thought
  }
  CheckedFound result() const {
    if (conflict_) return *conflict_;
    return found_;
  }

 private:
  const LabelSet& labels_;
  Found found_;
  Trouble conflict_;
};

bool is_named(std::string_view field, std::span<const std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return equal_without_case(field, name); });
}

constexpr std::string_view kLabelFields[] = {
    "label",  "class",   "category", "answer",          "intent",          "classification", "prediction",
    "result", "output",  "choice",   "predicted_label", "predicted_class", "final_answer",   "sentiment",
    "topic",  "tag",     "labels",   "classes",         "categories",      "class_name",     "label_name",
    "option", "verdict", "route",    "decision",        "response",        "finalanswer",    "value",
    "name"};
constexpr std::string_view kConfidenceFields[] = {"confidence",       "probability",      "prob",      "score",
                                                  "confidence_score", "confidence_level", "certainty", "likelihood"};
constexpr std::string_view kReasonFields[] = {"reason",      "reasoning", "explanation", "rationale", "thought",
                                              "thoughts",    "thinking",  "analysis",    "comment",   "justification",
                                              "description", "evidence",  "notes",       "note",      "text"};

// A number in [0, 1], also as a string or with a percent sign.
std::optional<double> as_probability(std::string_view text) {
  text = trimmed_name(text);
  const bool percent = text.ends_with('%');
  if (percent) text = trimmed_name(text.substr(0, text.size() - 1));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (percent) value /= 100;
  return value >= 0 && value <= 1 ? std::optional(value) : std::nullopt;
}

CheckedFound class_in_words(std::string_view text, const LabelSet& labels);

// A field's class. The value may have escapes, which its place in the text has too.
CheckedFound class_of_field(const JsonField& field, const LabelSet& labels, bool in_prose) {
  if (field.value != field.raw) {
    Found found = whole_word(field.value, labels);
    if (found) found->word = field.raw;
    return found;
  }
  if (Found found = whole_word(field.raw, labels)) return found;
  return in_prose && field.is_string ? class_in_words(field.raw, labels) : CheckedFound(Found());
}

CheckedFound class_of_fields(std::span<const JsonField> fields, const LabelSet& labels) {
  std::vector<const JsonField*> named, others;
  std::size_t levels = 0;  // a field called "score" is the confidence only beside another one
  for (const JsonField& field : fields) {
    if (is_named(field.name, kConfidenceFields))
      ++levels;
    else if (is_named(field.name, kLabelFields) || is_named(field.parent, kLabelFields))
      named.push_back(&field);
    else if (!is_named(field.name, kReasonFields))
      others.push_back(&field);
  }
  if (named.empty() && others.empty() && levels == 1)
    for (const JsonField& field : fields)
      if (is_named(field.name, kConfidenceFields)) named.push_back(&field);
  const std::vector<const JsonField*>& candidates = named.empty() ? others : named;
  OneClass found(labels);
  for (const JsonField* field : candidates) {
    const CheckedFound of_field = class_of_field(*field, labels, candidates.size() == 1);
    if (const auto* bad = std::get_if<Rejection>(&of_field)) return *bad;
    found.add(std::get<Found>(of_field));
  }
  return found.result();
}

void read_confidence(std::span<const JsonField> fields, ClassInText& found) {
  for (const JsonField& field : fields) {
    if (!is_named(field.name, kConfidenceFields) || field.raw.data() == found.word.data()) continue;
    found.confidence = as_probability(field.value);
    found.confidence_unread = !found.confidence;
    return;
  }
}

// The class that the JSON in the text names; has_json: there is some, and no other words are to be looked at.
CheckedFound class_in_json(std::string_view text, const LabelSet& labels, bool& has_json) {
  constexpr int kMaxTries = 16;  // a brace that begins no JSON may cost a look at the whole text
  OneClass found(labels);
  has_json = false;
  std::size_t at = text.find_first_of("{[");
  for (int i = 0; i < kMaxTries && at != std::string_view::npos; ++i, at = text.find_first_of("{[", at)) {
    std::vector<JsonField> fields;
    const std::size_t bytes = read_json_fields(text.substr(at), fields);
    if (bytes == 0 || (text[at] == '[' && bytes < text.size())) {  // "[A] because": a mark
      ++at;
      continue;
    }
    has_json = true;
    const CheckedFound of_fields = class_of_fields(fields, labels);
    if (const auto* bad = std::get_if<Rejection>(&of_fields)) return *bad;
    Found one = std::get<Found>(of_fields);
    if (one) read_confidence(fields, *one);
    found.add(one);
    at += bytes;
  }
  return found.result();
}

// The first and the last line that says anything, unless a class is announced elsewhere or the first is taken back.
CheckedFound class_of_lines(std::string_view text, const std::vector<Mention>& mentions, const LabelSet& labels) {
  const std::size_t first_end = text.find('\n'), last_begin = text.rfind('\n');
  if (first_end == std::string_view::npos) return Found();
  const Found first = whole_word(text.substr(0, first_end), labels), last = whole_word(text.substr(last_begin), labels);
  if (!first && !last) return Found();
  OneClass found(labels);
  const bool taken_back = !last && has_correction(text.substr(first_end));
  for (const Mention& mention : mentions) {
    if (mention.announced || (taken_back && !mention.negated && mention.counts))
      found.add(ClassInText{.class_index = mention.class_index, .word = {}});
  }
  found.add(first);
  found.add(last);
  return found.result();
}

CheckedFound class_of_mentions(std::string_view text, const std::vector<Mention>& mentions, const LabelSet& labels) {
  const auto found_at = [&](const Mention& mention) {
    return ClassInText{.class_index = mention.class_index,
                       .word = text.substr(mention.begin, mention.end - mention.begin)};
  };
  OneClass announced(labels);
  for (const Mention& mention : mentions)
    if (mention.announced && mention.counts) announced.add(found_at(mention));
  const CheckedFound by_cue = announced.result();
  if (std::holds_alternative<Rejection>(by_cue) || std::get<Found>(by_cue)) return by_cue;
  if (begins_with_refusal(text)) return Rejection{Reason::kTeacherRefused, excerpt(text)};
  if (!mentions.empty() && mentions[0].leads && mentions[0].counts && !mentions[0].negated) {
    const bool listed = mentions.size() > 1 && are_joined(text, mentions[0], mentions[1]);
    if (!listed && !has_correction(text.substr(mentions[0].end))) return Found(found_at(mentions[0]));
  }
  OneClass plain(labels);
  const Mention* negated = nullptr;
  for (const Mention& mention : mentions) {
    if (!mention.counts) continue;
    if (mention.negated)
      negated = &mention;
    else
      plain.add(found_at(mention));
  }
  CheckedFound result = plain.result();
  if (std::holds_alternative<Rejection>(result)) return result;
  if (std::get<Found>(result)) {
    for (const Mention& mention : mentions)
      if (mention.doubtful && !mention.negated) plain.add(found_at(mention));
    return std::holds_alternative<Rejection>(plain.result()) ? plain.result() : result;
  }
  if (negated != nullptr) return Rejection{Reason::kNegatedClass, excerpt(text)};
  return Found();
}

// A longer text is no answer, and may cost seconds.
constexpr std::size_t kMaxRunningText = 1 << 16;

CheckedFound class_in_words(std::string_view text, const LabelSet& labels) {
  text = trimmed_name(text);
  if (text.size() > kMaxRunningText)
    return Rejection{Reason::kNoClassInAnswer, fmt::format("running text of {} bytes", text.size())};
  const std::vector<Mention> mentions = mentions_in(text, labels);
  const CheckedFound by_line = class_of_lines(text, mentions, labels);
  if (std::holds_alternative<Rejection>(by_line) || std::get<Found>(by_line)) return by_line;
  return class_of_mentions(text, mentions, labels);
}

}  // namespace

std::string_view without_reasoning(std::string_view text, bool& unclosed) {
  unclosed = false;
  constexpr std::string_view kFirstBytes = "<[\xE2";  // of every mark: most answers have none
  if (text.find_first_of(kFirstBytes) == std::string_view::npos) return text;
  std::size_t begin = 0;
  for (const ReasoningMarks& marks : kReasoning) {
    for (std::size_t at = begin; (at = find_without_case(text, marks.close, at)) != std::string_view::npos;)
      begin = at += marks.close.size();
  }
  std::size_t end = text.size();
  for (const ReasoningMarks& marks : kReasoning)
    end = std::min(end, find_without_case(text.substr(0, end), marks.open, begin));
  end = std::min(end, text.size());
  unclosed = end < text.size();
  return text.substr(begin, end - begin);
}

std::string said_in(const LoggedAnswer& answer) {
  std::string joined;
  if (!answer.has_text)
    for (const TokenPosition& position : answer.positions) joined += position.token;
  bool unclosed = false;
  return std::string(without_reasoning(answer.has_text ? std::string_view(answer.text) : joined, unclosed));
}

std::string_view without_fence(std::string_view text) {
  const std::string_view bare = trimmed_name(text);
  const std::size_t line = bare.find('\n');
  if (!bare.starts_with("```") || !bare.ends_with("```") || line == std::string_view::npos || bare.size() < line + 4)
    return text;
  return bare.substr(line + 1, bare.size() - line - 4);
}

std::optional<ClassInText> whole_word(std::string_view text, const LabelSet& labels) {
  // Compatibility forms take three bytes for one; longer texts are not looked up at every mark that is taken away.
  constexpr std::size_t kMarks = 64;
  const std::size_t longest = 3 * labels.prefixes().longest_bytes() + kMarks;
  while (!text.empty()) {
    if (text.size() <= longest) {
      const std::int32_t index = labels.find_loosely(text);
      if (index != kNoClass) return ClassInText{.class_index = index, .word = trimmed_name(text)};
    }
    const std::size_t front = mark_in_front(text), behind = mark_behind(text);
    if (is_enclosed(text)) {
      text = text.substr(front, text.size() - front - behind);
    } else if (behind > 0) {
      text.remove_suffix(behind);
    } else if (front > 0) {
      text.remove_prefix(front);
    } else {
      break;
    }
  }
  return std::nullopt;
}

Checked<ClassInText> find_class(std::string_view text, const LabelSet& labels) {
  if (Found found = whole_word(text, labels)) return *found;
  const std::string_view bare = trimmed_name(without_fence(text));
  if (bare.empty()) return no_class({});
  if (Found found = whole_word(bare, labels)) return *found;
  bool has_json = false;
  CheckedFound result = class_in_json(bare, labels, has_json);
  if (!has_json) result = class_in_words(bare, labels);
  if (auto* bad = std::get_if<Rejection>(&result)) return *std::move(bad);
  if (const Found found = std::get<Found>(result)) return *found;
  return no_class(bare);
}

}  // namespace noggin::data
