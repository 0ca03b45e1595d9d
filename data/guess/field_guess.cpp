#include "data/guess/field_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "data/logs/class_fields.h"
#include "data/logs/field_aliases.h"
#include "data/logs/span_fields.h"

namespace noggin::data {
namespace {

constexpr int kDeepest = 8;
constexpr std::size_t kMostPaths = 1000, kMostKeptValues = 2000, kLongestValue = 80;
constexpr double kMostDocuments = 0.8;  // a field of rows is there in most of them

// Names of few values that are no classes.
constexpr std::string_view kFacts[] = {"model",  "status",  "type",     "role",   "lang",   "language",
                                       "source", "split",   "version",  "agent",  "object", "operation",
                                       "user",   "dataset", "provider", "finish", "reason", "schema"};
constexpr std::string_view kConfidences[] = {"confidence", "score", "probability", "prob", "certainty"};

std::string lower(std::string_view name) {
  std::string lowered(name);
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lowered;
}

// The place of the first of these that the name contains (short ones: that it is); their number if it contains none.
std::size_t rank_of(std::string_view name, std::span<const std::string_view> words) {
  const std::string lowered = lower(name);
  const auto fits = [&lowered](std::string_view word) {
    return word.size() < 4 ? lowered == word : lowered.find(word) != std::string::npos;
  };
  return static_cast<std::size_t>(std::ranges::find_if(words, fits) - words.begin());
}

std::string step(const std::string& path, std::string_view name) {
  const bool plain = name.find_first_of(".[]\"") == std::string_view::npos && !name.empty();
  const std::string written = plain ? std::string(name) : fmt::format("\"{}\"", name);
  return path.empty() ? written : path + "." + written;
}

std::string_view last_step(std::string_view path) { return path.substr(path.rfind('.') + 1); }

}  // namespace

void FieldFinder::look_at(JsonValue root) {
  inner_.clear();
  texts_.clear();
  span_texts_.clear();
  ++documents_;
  JsonObject object;
  if (root.get_object().get(object) != simdjson::SUCCESS) return;
  for (const auto field : object) walk(field.value, step({}, field.key), field.key, {}, 1);
  for (const auto& [facts, text] : texts_)
    for (const std::string_view span : span_texts_) facts->held_spans += text.find(span) != std::string_view::npos;
  look_at_columns(object);
}

// Fields with one beginning and numbers whose sum is 1; tables write numbers as strings.
void FieldFinder::look_at_columns(JsonObject object) {
  struct Group {
    double sum = 0.0;
    std::vector<std::string_view> classes{};
  };
  std::map<std::string_view, Group> groups;
  const auto add = [&groups](std::string_view key, std::size_t prefix, double share) {
    Group& group = groups[key.substr(0, prefix)];
    group.sum += share;
    group.classes.push_back(key.substr(prefix));
  };
  for (const auto field : object) {
    const Checked<double> number = read_number(field.value, field.key);
    const auto* share = std::get_if<double>(&number);
    if (share == nullptr || !(*share >= 0.0 && *share <= 1.0)) continue;
    add(field.key, 0, *share);
    const std::size_t end = field.key.find_first_of("_.:-/ ");
    if (end != std::string_view::npos) add(field.key, end + 1, *share);
  }
  for (const auto& [prefix, group] : groups) {
    if (group.classes.size() < 2 || std::abs(group.sum - 1.0) > 0.02) continue;
    auto known = columns_.find(prefix);
    if (known == columns_.end()) {
      if (columns_.size() >= kMostPaths) return;
      known = columns_.emplace(std::string(prefix), Facts{}).first;
    }
    ++known->second.distributions;
    for (const std::string_view name : group.classes) ++known->second.classes[std::string(name)];
  }
}

void FieldFinder::walk(JsonValue value, const std::string& path, std::string_view name, const std::string& parent,
                       int depth) {
  if (is_null(value) || depth > kDeepest) return;
  auto known = paths_.find(path);
  if (known == paths_.end()) {
    if (paths_.size() >= kMostPaths) return;
    known = paths_.emplace(path, Facts{}).first;
    known->second.depth = depth;
    known->second.name = name;
    known->second.parent = parent;
  }
  Facts& facts = known->second;
  ++facts.documents;
  value = inner_.open(value);
  if (value.is_string() || value.is_int64()) {
    const std::string text = value.is_string() ? std::string(string_of(value)) : simdjson::minify(value);
    if (value.is_string()) {
      texts_.emplace_back(&facts, string_of(value));
      ++facts.texts;
      facts.bytes += text.size();
      facts.blanks += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), ' '));
    }
    facts.too_many_values = facts.too_many_values || text.size() > kLongestValue ||
                            (facts.values.size() >= kMostKeptValues && !facts.values.contains(text));
    if (!facts.too_many_values) ++facts.values[text];
  }
  if (value.is_number()) {
    const double number = value.get_double().value();
    facts.shares += number >= 0.0 && number <= 1.0 ? 1 : 0;
    return;
  }
  if (const auto types = list_of_spans(value)) {
    ++facts.span_lists;
    for (const std::string_view text : texts_of_spans(value)) span_texts_.push_back(text);
    for (const std::string_view type : *types)
      if (facts.types.size() < kMostKeptValues) ++facts.types[std::string(type)];
    return;
  }
  if (const auto listed = list_of_classes(value)) {
    ++facts.distributions;
    for (const std::string_view word : *listed)
      if (facts.classes.size() < kMostKeptValues || facts.classes.contains(std::string(word)))
        ++facts.classes[std::string(word)];
  }
  JsonObject object;
  if (value.get_object().get(object) == simdjson::SUCCESS)
    for (const auto field : object) walk(field.value, step(path, field.key), field.key, path, depth + 1);
  JsonArray array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return;
  facts.has_several = facts.has_several || array.size() > 1;
  if (array.size() == 1) walk(array.at(0).value_unsafe(), path + "[0]", name, parent, depth + 1);
}

// Mostly different, and of several words.
bool FieldFinder::is_text(const Facts& facts) const {
  const bool usual = static_cast<double>(facts.texts) >= kMostDocuments * static_cast<double>(documents_);
  const bool varies = facts.too_many_values || facts.values.size() * 2 > facts.texts;
  return usual && varies && facts.blanks > facts.texts;
}

// Few, and most of them more than once.
bool FieldFinder::is_label(const std::string& path, const Facts& facts) const {
  const auto list = path.ends_with("[0]") ? paths_.find(path.substr(0, path.size() - 3)) : paths_.end();
  if (list != paths_.end() && list->second.has_several) return false;
  const bool usual = facts.documents * 2 >= documents_ && !facts.too_many_values;
  return usual && facts.values.size() >= 2 && facts.values.size() * 2 <= facts.documents &&
         rank_of(facts.name, kFacts) == std::size(kFacts);
}

const FieldFinder::ByPath::value_type* FieldFinder::find_text() const {
  const ByPath::value_type* best = nullptr;
  // What the spans are of; then a name says most.
  const auto worth = [](const Facts& facts) {
    return std::tuple(facts.held_spans, -static_cast<int>(rank_of(facts.name, kUsualTextNames)),
                      facts.bytes / std::max<std::uint64_t>(1, facts.texts), -facts.depth);
  };
  for (const auto& entry : paths_)
    if (is_text(entry.second) && (best == nullptr || worth(entry.second) > worth(best->second))) best = &entry;
  return best;
}

const FieldFinder::ByPath::value_type* FieldFinder::find_distribution() const {
  const ByPath::value_type* best = nullptr;
  const auto usual = [this](const Facts& facts) {
    return static_cast<double>(facts.distributions) >= kMostDocuments * static_cast<double>(documents_);
  };
  for (const auto& entry : paths_)
    if (usual(entry.second) && (best == nullptr || entry.second.depth < best->second.depth)) best = &entry;
  if (best != nullptr) return best;
  for (const auto& entry : columns_)  // the longest beginning that all have
    if (usual(entry.second)) best = &entry;
  return best;
}

// Lists that are nothing but spans, or empty.
const FieldFinder::ByPath::value_type* FieldFinder::find_spans() const {
  const ByPath::value_type* best = nullptr;
  for (const auto& entry : paths_) {
    const Facts& facts = entry.second;
    if (facts.types.empty() || facts.span_lists != facts.documents || facts.documents * 2 < documents_) continue;
    if (best == nullptr || facts.depth < best->second.depth) best = &entry;
  }
  return best;
}

const FieldFinder::ByPath::value_type* FieldFinder::find_label(const std::string& text,
                                                               const ByPath::value_type* distribution) const {
  const ByPath::value_type* best = nullptr;
  // What stands beside a distribution, or is called an answer, is its best class once more.
  const auto repeats = [&](const Facts& facts) {
    if (distribution == nullptr) return false;
    const bool same_object = !facts.parent.empty() && (facts.parent == distribution->second.parent ||
                                                       facts.parent.starts_with(distribution->first));
    return same_object || names_an_answer(lower(facts.name));
  };
  // A name says most, then words say more than numbers, then what stands higher.
  const auto worth = [](const Facts& facts) {
    const std::size_t rank = std::min(rank_of(facts.name, kUsualLabelNames), rank_of(facts.parent, kUsualLabelNames));
    return std::tuple(-static_cast<int>(rank), facts.texts, -facts.depth);
  };
  for (const auto& entry : paths_)
    if (entry.first != text && !repeats(entry.second) && is_label(entry.first, entry.second) &&
        (best == nullptr || worth(entry.second) > worth(best->second)))
      best = &entry;
  return best;
}

const FieldFinder::ByPath::value_type* FieldFinder::confidence_beside(const Facts& label) const {
  for (const auto& entry : paths_) {
    const Facts& facts = entry.second;
    const bool is_beside = facts.parent == label.parent || step(facts.parent, last_step(label.parent)) == label.parent;
    if (is_beside && facts.shares == facts.documents && facts.documents == label.documents &&
        rank_of(facts.name, kConfidences) < std::size(kConfidences))
      return &entry;
  }
  return nullptr;
}

FieldGuess FieldFinder::guess() const {
  FieldGuess guess;
  const auto* text = find_text();
  if (text == nullptr) return guess;
  guess.text = text->first;
  for (const std::string_view id : kUsualIdNames)
    if (const auto found = paths_.find(std::string_view(id)); found != paths_.end() && guess.id.empty())
      guess.id = found->first;
  if (const auto* spans = find_spans()) {
    guess.spans = spans->first;
    guess.classes = spans->second.types;
    return guess;
  }
  const auto* distribution = find_distribution();
  if (distribution != nullptr) {
    guess.probs = distribution->first;
    if (distribution->second.depth == 0) guess.probs += '*';
    guess.classes = distribution->second.classes;
  }
  const auto* label = find_label(guess.text, distribution);
  const auto* confidence = label == nullptr ? nullptr : confidence_beside(label->second);
  if (distribution != nullptr) {
    const bool is_gold = label != nullptr && confidence == nullptr &&
                         std::ranges::all_of(label->second.values, [&guess](const auto& value) {
                           return guess.classes.contains(value.first);
                         });
    if (!is_gold) return guess;
  }
  if (label == nullptr) return guess;
  guess.label = label->first;
  if (distribution != nullptr) return guess;
  guess.classes = label->second.values;
  if (confidence != nullptr) guess.confidence = confidence->first;
  return guess;
}

}  // namespace noggin::data
