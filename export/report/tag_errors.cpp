#include "export/report/tag_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

using Json = nlohmann::ordered_json;
using Spans = std::vector<TypedSpan>;

Spans sorted(std::span<const TypedSpan> spans) {
  Spans result(spans.begin(), spans.end());
  std::sort(result.begin(), result.end(), [](const TypedSpan& a, const TypedSpan& b) {
    return std::tie(a.begin, a.end, a.type) < std::tie(b.begin, b.end, b.type);
  });
  return result;
}

bool same_borders(const TypedSpan& a, const TypedSpan& b) { return a.begin == b.begin && a.end == b.end; }
bool overlap(const TypedSpan& a, const TypedSpan& b) { return a.begin < b.end && b.begin < a.end; }

// Walks both lists from left to right and removes the pairs for which `matches` holds, each span once.
template <class Matches, class Take>
void take_pairs(Spans& gold, Spans& found, const Matches& matches, const Take& take) {
  Spans gold_left, found_left;
  std::size_t g = 0, f = 0;
  while (g < gold.size() && f < found.size()) {
    if (matches(gold[g], found[f])) {
      take(gold[g++], found[f++]);
    } else if (gold[g].end <= found[f].end) {  // later spans of the other list begin later: no pair for this one
      gold_left.push_back(gold[g++]);
    } else {
      found_left.push_back(found[f++]);
    }
  }
  gold_left.insert(gold_left.end(), gold.begin() + static_cast<std::ptrdiff_t>(g), gold.end());
  found_left.insert(found_left.end(), found.begin() + static_cast<std::ptrdiff_t>(f), found.end());
  gold = std::move(gold_left);
  found = std::move(found_left);
}

struct PairCount {
  std::uint64_t count = 0;
  std::string_view example;
};
using TypePairs = std::map<std::pair<std::uint32_t, std::uint32_t>, PairCount>;

// Adds the spans of one text; true if all are right.
bool add_text(const TaggedText& text, std::vector<TypeErrors>& types, TypePairs& wrong) {
  Spans gold = sorted(text.gold), found = sorted(text.found);
  for (const TypedSpan& span : gold) ++types[span.type].gold;
  for (const TypedSpan& span : found) ++types[span.type].found;
  take_pairs(gold, found, std::equal_to<>(), [&](const TypedSpan& g, const TypedSpan&) { ++types[g.type].right; });
  const bool all_right = gold.empty() && found.empty();
  take_pairs(gold, found, same_borders, [&](const TypedSpan& g, const TypedSpan& f) {
    ++types[g.type].wrong_type;
    PairCount& pair = wrong[{g.type, f.type}];
    if (pair.count++ == 0) pair.example = text.id;
  });
  const auto same_type = [](const TypedSpan& a, const TypedSpan& b) { return a.type == b.type && overlap(a, b); };
  take_pairs(gold, found, same_type, [&](const TypedSpan& g, const TypedSpan&) { ++types[g.type].wrong_borders; });
  for (const TypedSpan& span : gold) ++types[span.type].missed;
  for (const TypedSpan& span : found) ++types[span.type].spurious;
  return all_right;
}

std::vector<std::string> cells(const TypeErrors& errors) {
  std::vector<std::string> row = {errors.type};
  for (const std::uint64_t count : {errors.gold, errors.found, errors.right, errors.missed, errors.spurious,
                                    errors.wrong_type, errors.wrong_borders}) {
    row.push_back(fmt::format("{}", count));
  }
  return row;
}

Json to_json(const TypeErrors& errors) {
  return {{"type", errors.type},
          {"gold", errors.gold},
          {"found", errors.found},
          {"right", errors.right},
          {"missed", errors.missed},
          {"spurious", errors.spurious},
          {"wrong_type", errors.wrong_type},
          {"wrong_borders", errors.wrong_borders}};
}

}  // namespace

TagErrors tag_errors(std::span<const TaggedText> texts, std::span<const std::string> types) {
  TagErrors errors;
  errors.texts = texts.size();
  errors.types.resize(types.size());
  for (std::size_t i = 0; i < types.size(); ++i) errors.types[i].type = types[i];
  TypePairs wrong;
  for (const TaggedText& text : texts) errors.wrong_texts += add_text(text, errors.types, wrong) ? 0 : 1;
  errors.total.type = "all";
  for (const TypeErrors& type : errors.types) {
    for (auto count : {&TypeErrors::gold, &TypeErrors::found, &TypeErrors::right, &TypeErrors::wrong_type,
                       &TypeErrors::wrong_borders, &TypeErrors::missed, &TypeErrors::spurious}) {
      errors.total.*count += type.*count;
    }
  }
  for (const auto& [pair, seen] : wrong) {
    errors.wrong_types.push_back(
        {types[pair.first], types[pair.second], seen.count, errors.types[pair.first].gold, std::string(seen.example)});
  }
  std::stable_sort(errors.wrong_types.begin(), errors.wrong_types.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  return errors;
}

std::string to_text(const TagErrors& errors) {
  TextTable table({fmt::format("spans ({} of {} texts wrong)", errors.wrong_texts, errors.texts), "gold", "found",
                   "right", "missed", "spurious", "wrong type", "wrong borders"});
  for (const TypeErrors& type : errors.types) table.add(cells(type));
  table.add(cells(errors.total));
  std::string text = table.text();
  if (!errors.wrong_types.empty()) text.append("\n").append(to_text(errors.wrong_types, "gold type"));
  return text;
}

Json to_json(const TagErrors& errors) {
  Json json = {{"texts", errors.texts}, {"wrong_texts", errors.wrong_texts}, {"total", to_json(errors.total)}};
  json["types"] = Json::array();
  for (const TypeErrors& type : errors.types) json["types"].push_back(to_json(type));
  json["wrong_types"] = to_json(errors.wrong_types);
  return json;
}

}  // namespace noggin::exporter
