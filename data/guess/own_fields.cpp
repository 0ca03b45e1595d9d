#include "data/guess/own_fields.h"

#include <algorithm>
#include <iterator>

#include "data/json/json_path.h"
#include "data/logs/field_aliases.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::size_t kMostValues = 4096;  // of one field
constexpr std::size_t kShownFields = 8;
constexpr std::string_view kNamesOfSpans[] = {"spans",    "entities", "annotations", "tags",
                                              "ner_tags", "label",    "labels"};

}  // namespace

bool is_name_of_spans(std::string_view name) {
  return std::ranges::find(kNamesOfSpans, name) != std::end(kNamesOfSpans);
}

const OwnFields::Facts* OwnFields::find(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? nullptr : &found->second;
}

void OwnFields::add(std::string_view name, JsonValue value) {
  Facts& facts = fields_[std::string(name)];
  if (value.is_array()) ++facts.arrays;
  if (value.is_number()) ++facts.numbers;
  if (value.is_string()) {
    ++facts.strings;
    facts.bytes += string_of(value).size();
  }
  if (!value.is_string() && !value.is_number()) return;
  const std::string word = value.is_string() ? std::string(string_of(value)) : simdjson::minify(value);
  if (facts.many_values || word.size() > kLongestClassBytes) {
    facts.many_values = true;
    return;
  }
  ++facts.values[word];
  facts.many_values = facts.values.size() > kMostValues;
}

bool OwnFields::has_arrays(std::string_view name) const {
  const Facts* facts = find(name);
  return facts != nullptr && facts->arrays > 0;
}

bool OwnFields::has_numbers(std::string_view name) const {
  const Facts* facts = find(name);
  return facts != nullptr && facts->numbers > 0;
}

bool OwnFields::has_spans() const {
  return std::ranges::any_of(kNamesOfSpans, [this](std::string_view name) {
    return has(name) && (!name.starts_with("label") || has_arrays(name));
  });
}

bool OwnFields::has_usual_text() const {
  return std::ranges::any_of(kUsualTextNames, [this](std::string_view name) {
    const Facts* facts = find(name);
    return facts != nullptr && facts->strings > 0;
  });
}

bool OwnFields::has_usual_distribution() const {
  return std::ranges::any_of(kUsualDistributionNames,
                             [this](std::string_view name) { return has(name) && !has_numbers(name); });
}

bool OwnFields::has_usual_answer() const {
  if (has_usual_distribution()) return true;
  for (const char* name : {"prob", "labels", "score", "target"})
    if (has(name)) return true;
  return std::ranges::any_of(kUsualLabelNames, [this](std::string_view name) { return has_classes(name); });
}

bool OwnFields::has_usual_classes() const {
  if (has_usual_distribution()) return true;
  for (const char* name : {"prob", "labels", "score"})
    if (has(name)) return true;
  return std::ranges::any_of(kUsualLabelNames,
                             [this](std::string_view name) { return name != "target" && has_classes(name); });
}

// Some values that are as short as names of classes.
bool OwnFields::has_classes(std::string_view name) const {
  const Facts* facts = find(name);
  return facts != nullptr && !facts->many_values && facts->values.size() > 1;
}

std::string OwnFields::text() const {
  for (const std::string_view name : kUsualTextNames)
    if (const Facts* facts = find(name); facts != nullptr && facts->strings > 0) return std::string(name);
  if (has_arrays("tokens") || has_arrays("words")) return {};  // which are the text
  std::string best;
  double longest = 0.0;
  for (const auto& [name, facts] : fields_) {
    if (std::ranges::find(kUsualIdNames, name) != std::end(kUsualIdNames)) continue;
    if (facts.strings == 0 || facts.values.size() * 2 < facts.strings) continue;
    const double length = static_cast<double>(facts.bytes) / static_cast<double>(facts.strings);
    if (length > longest) {
      longest = length;
      best = name;
    }
  }
  return best;
}

std::string OwnFields::label(const std::string& text, const std::string& asked) const {
  if (!asked.empty() && has(asked)) return asked;
  for (const std::string_view name : kUsualLabelNames) {
    const Facts* facts = find(name);
    if (facts != nullptr && name != text && !facts->many_values && facts->strings + facts->numbers > 0)
      return std::string(name);
  }
  for (const auto& [name, facts] : fields_)
    if (name != text && name != "id" && facts.strings > 0 && !facts.many_values && facts.values.size() > 1 &&
        facts.values.size() * 2 <= facts.strings)
      return name;
  return {};
}

std::string OwnFields::described() const {
  std::string names;
  std::size_t shown = 0;
  for (const auto& [name, facts] : fields_)
    if (shown++ < kShownFields) names += (names.empty() ? " with the fields " : ", ") + excerpt(name);
  return names;
}

}  // namespace noggin::data
