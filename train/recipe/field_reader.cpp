#include "train/recipe/field_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>

#include "train/recipe/nearest_name.h"

namespace noggin::train {
namespace {

// The whole of `text` as a number, or false.
template <class Number>
bool parse_number(const std::string& text, Number& number) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (text.size() > 1 && *begin == '+') ++begin;
  const auto [stop, code] = std::from_chars(begin, end, number);
  return code == std::errc() && stop == end && begin != end;
}

template <class Number>
bool inside(Number value, const Range& range) {
  const auto real = static_cast<double>(value);
  return std::isfinite(real) && real >= range.low && real <= range.high;
}

std::string whole_number(const Range& range) {
  return fmt::format("a whole number from {:.0f} to {:.0f}", range.low, range.high);
}

template <class Number>
bool read_whole(const YamlTree& tree, const Range& range, Number& value) {
  Number number{};
  if (tree.kind != YamlTree::Kind::kScalar || !parse_number(tree.scalar, number) || !inside(number, range))
    return false;
  value = number;
  return true;
}

}  // namespace

void FieldReader::wrong(const std::string& key, const YamlTree& tree, const std::string& wanted) {
  problems_.push_back({tree.origin.where, fmt::format("{} is {}, must be {}", key, describe(tree), wanted)});
}

void FieldReader::read_value(const std::string& key, const YamlTree& tree, const Range&, bool& value) {
  if (tree.kind == YamlTree::Kind::kScalar && (tree.scalar == "true" || tree.scalar == "false")) {
    value = tree.scalar == "true";
  } else {
    wrong(key, tree, "true or false");
  }
}

void FieldReader::read_value(const std::string& key, const YamlTree& tree, const Range& range, std::uint32_t& value) {
  if (!read_whole(tree, range, value)) wrong(key, tree, whole_number(range));
}

void FieldReader::read_value(const std::string& key, const YamlTree& tree, const Range& range, std::uint64_t& value) {
  if (!read_whole(tree, range, value)) wrong(key, tree, whole_number(range));
}

void FieldReader::read_value(const std::string& key, const YamlTree& tree, const Range& range, double& value) {
  double number = 0.0;
  if (tree.kind == YamlTree::Kind::kScalar && parse_number(tree.scalar, number) && inside(number, range)) {
    value = number;
  } else {
    wrong(key, tree, fmt::format("a number from {} to {}", range.low, range.high));
  }
}

void FieldReader::read_value(const std::string& key, const YamlTree& tree, const Range&, std::string& value) {
  if (tree.kind == YamlTree::Kind::kScalar) {
    value = tree.scalar;
  } else if (tree.kind == YamlTree::Kind::kNull && tree.origin.command_line) {
    value.clear();  // `data.none_label=` clears a value
  } else {
    wrong(key, tree, "text. Fix: remove the key to use its default, or write \"\" for empty text");
  }
}

void FieldReader::read_value(const std::string& key, const YamlTree& tree, const Range&,
                             std::vector<std::string>& value) {
  if (tree.kind != YamlTree::Kind::kList) return wrong(key, tree, "a list of texts, as in [one, two]");
  value.clear();
  for (const YamlTree& item : tree.items) {
    if (item.kind == YamlTree::Kind::kScalar)
      value.push_back(item.scalar);
    else
      wrong(fmt::format("{}.{}", key, value.size()), item, "text. Fix: put it in quotes");
  }
}

void FieldReader::read_value(const std::string& key, const YamlTree& tree, const Range& range,
                             std::vector<std::uint32_t>& value) {
  if (tree.kind != YamlTree::Kind::kList) return wrong(key, tree, "a list of numbers, as in [0, 2, 5]");
  value.clear();
  for (const YamlTree& item : tree.items) {
    const std::string place = fmt::format("{}.{}", key, value.size());
    read_value(place, item, range, value.emplace_back());
  }
}

void FieldReader::read_value(const std::string& key, const YamlTree& tree, const Range& range,
                             std::map<std::string, std::vector<std::string>>& value) {
  if (tree.kind != YamlTree::Kind::kMap) return wrong(key, tree, "a map of lists, as in {refund: [A, money_back]}");
  value.clear();
  for (const YamlTree::Entry& entry : tree.entries)
    read_value(key + "." + entry.key, entry.value, range, value[entry.key]);
}

void FieldReader::read_value(const std::string& key, const YamlTree& tree, const Range&,
                             std::vector<data::Source>& value) {
  if (tree.kind != YamlTree::Kind::kList) {
    return wrong(key, tree, "a list of sources, as in [{adapter: jsonl, path: log.jsonl}]");
  }
  value.assign(tree.items.size(), {});  // resized once: pending paths point into it
  for (std::size_t i = 0; i < value.size(); ++i) read_source(fmt::format("{}.{}", key, i), tree.items[i], value[i]);
}

void FieldReader::read_source(const std::string& key, const YamlTree& tree, data::Source& source) {
  if (tree.kind != YamlTree::Kind::kMap) return wrong(key, tree, "a map with adapter and path");
  const std::vector<std::string> names = {"adapter", "path",   "requests", "family", "template",
                                          "permit",  "fields", "columns",  "unit"};
  for (const YamlTree::Entry& entry : tree.entries) {
    const std::string entry_key = key + "." + entry.key;
    if (entry.key == "adapter") {
      source.adapter = static_cast<data::Adapter>(read_choice(entry_key, entry.value, adapter_names(), 0));
    } else if (entry.key == "path") {
      read_path(entry_key, entry.value, source.path);
    } else if (entry.key == "requests") {
      read_path(entry_key, entry.value, source.requests_path);
    } else if (entry.key == "family") {
      read_value(entry_key, entry.value, {}, source.family);
    } else if (entry.key == "template") {
      read_value(entry_key, entry.value, {}, source.text_template);
    } else if (entry.key == "permit") {
      read_value(entry_key, entry.value, {}, source.permit);
    } else if (entry.key == "fields") {
      read_fields(entry_key, entry.value, source.fields);
    } else if (entry.key == "columns") {
      read_value(entry_key, entry.value, {}, source.columns);
    } else if (entry.key == "unit") {
      static const std::vector<std::string> units(kTextUnitNames.begin(), kTextUnitNames.end());
      source.unit = static_cast<TextUnit>(
          read_choice(entry_key, entry.value, units, static_cast<std::size_t>(TextUnit::kCodePoint)));
    } else {
      problems_.push_back({entry.origin.where, fmt::format("unknown key \"{}\"; the nearest is \"{}\"", entry_key,
                                                           nearest_name(entry.key, names))});
    }
  }
  const bool table = source.adapter == data::Adapter::kTsv;
  const bool may_name_columns = table || source.adapter == data::Adapter::kConll;
  const bool names_columns = tree.find("columns") != nullptr;
  if (names_columns && !may_name_columns) {
    problems_.push_back({tree.origin.where,
                         key + ".columns is only used by adapters tsv and conll. Fix: remove it, or set adapter: tsv"});
  }
  const bool batch = source.adapter == data::Adapter::kOpenAiBatch;
  if (tree.find("path") == nullptr) {
    problems_.push_back({tree.origin.where, key + " has no path. Fix: add path: FILE"});
  }
  if (batch && tree.find("requests") == nullptr) {
    problems_.push_back(
        {tree.origin.where, key + " has no requests: an openai_batch output holds only answers, the texts "
                                  "are in the request file. Fix: add requests: FILE"});
  }
  const bool documents = batch || source.adapter == data::Adapter::kJsonl;
  if (!documents && tree.find("requests") != nullptr) {
    problems_.push_back(
        {tree.find("requests")->origin.where, key + ".requests is only used for JSON lines. Fix: remove it, or "
                                                    "set adapter: jsonl"});
  }
}

void FieldReader::read_fields(const std::string& key, const YamlTree& tree,
                              std::map<std::string, std::string>& fields) {
  if (tree.kind != YamlTree::Kind::kMap) return wrong(key, tree, "a map of names, as in {text: query, label: intent}");
  for (const YamlTree::Entry& entry : tree.entries) {
    read_value(key + "." + entry.key, entry.value, {}, fields[entry.key]);
  }
}

void FieldReader::read_path(const std::string& key, const YamlTree& tree, std::string& value) {
  read_value(key, tree, {}, value);
  if (!value.empty()) pending_paths_.push_back({key, &value, tree.origin});
}

std::size_t FieldReader::read_choice(const std::string& key, const YamlTree& tree,
                                     const std::vector<std::string>& names, std::size_t otherwise) {
  for (std::size_t i = 0; i < names.size() && tree.kind == YamlTree::Kind::kScalar; ++i) {
    if (tree.scalar == names[i]) return i;
  }
  wrong(
      key, tree,
      fmt::format("one of {}{}", fmt::join(names, ", "),
                  tree.kind == YamlTree::Kind::kScalar ? "; the nearest is \"" + nearest_name(tree.scalar, names) + "\""
                                                       : std::string()));
  return otherwise;
}

}  // namespace noggin::train
