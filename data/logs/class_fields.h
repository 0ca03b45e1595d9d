// Classes and distributions over them as rows write them. Part of row_fields.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "data/json/json_row.h"
#include "data/logs/teacher_distribution.h"
#include "data/rows/labels.h"

namespace noggin::data {

// The class that a word names; else, if no class is called by a number, the one at that place of data.labels: "2", or
// "LABEL_2" as pipelines call a class without a name. numbered is set if it was a place. kNoLabel if it is neither.
std::int32_t find_class(std::string_view word, const LabelSet& labels, bool& numbered);

// One class: a name, its number, true or false (as a class of that name, or else yes or no), an object with "label", or
// a list of one of these. kNoLabel for none: null, a blank name, an empty list, and -1, which tables of numbers use.
Trouble read_class(JsonValue value, std::string_view where, const LabelSet& labels, std::int32_t& label,
                   bool& numbered);

// Appends one distribution to `words`:
//   {"A": 0.9, "B": 0.1}                          each key once
//   [{"label": "A", "score": 0.9}, ...]           as pipelines print it, also inside one more list
//   [["A", 0.9], ["B", 0.1]]
//   [{"Name": "A", "Score": 0.9}, ...]            whatever they are called, if one is a string and one a number
//   {"A": {"confidence": 0.9}, ...}               objects of one number each
//   {"names": ["A", "B"], "scores": [0.9, 0.1]}   one list of strings, and one of as many numbers
//   [0.9, 0.1]                                    one value per class, in class order
// null is no mass, as tables write what is missing.
Trouble append_distribution(JsonValue value, std::string_view field, ValueKind kind, const LabelSet& labels,
                            std::vector<ListedWord>& words, bool& numbered);

// The same for two lists side by side: classes, and the value of each.
Trouble append_pairs(JsonValue classes, JsonValue values, const LabelSet& labels, std::vector<ListedWord>& words,
                     bool& numbered);

// The classes that a value lists, if it looks like a distribution that append_distribution reads: two or more, with
// probabilities whose sum is about 1. For guesses; classes in order have no names and count as none.
std::optional<std::vector<std::string_view>> list_of_classes(JsonValue value);

// The same for the fields of a row that are called `prefix` and a class each: "prob_A": 0.9, "prob_B": 0.1. Fields that
// name no class are something else.
Trouble append_columns(JsonObject row, std::string_view prefix, ValueKind kind, const LabelSet& labels,
                       std::vector<ListedWord>& words, bool& numbered);

// Why a name is no class, for messages.
std::string unknown_class(std::string_view name, const LabelSet& labels);

}  // namespace noggin::data
