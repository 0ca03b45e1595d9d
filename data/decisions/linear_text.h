// The one text that a model reads, from the state or input of a decision request. Ingest and a server must use this
// function and nothing else, or the model is asked about texts that it was not taught.
//
//   a string          as it is
//   messages          (an array of objects with a role) the text parts of one joined by a newline, messages by an empty
//                     line, each after "role: " if any role is not "user"; calls of tools line by line as below
//   text parts        (an input that is an array of {type: "text" or "input_text", text}, or of Gemini's {text}) joined
//                     by a newline
//   object, array     depth first, in the order sent, one line "path: value" per leaf ("sensors.0: 4"); strings raw,
//                     numbers with the characters in which they stood; null and what is empty is left out
#pragma once

#include <string>
#include <string_view>

#include "data/json/json_row.h"

namespace noggin::data {

// Where the text stands in a request: `state` is data whatever its form, `input` may be text parts.
enum class InputField { kState, kInput };

struct LinearTextOptions {
  // A string of `input` that is itself a JSON object or array is read as that object or array.
  bool parse_json = false;
};

// `json`: the characters in which `input` stands, alone or within a document; numbers are copied from there. Where they
// are not found, numbers are written as the shortest decimals that give the same value.
// Refused: an input that is neither text nor object nor array, images and other media, keys that stand twice, halves of
// surrogate pairs, nesting beyond kDeepestJson, and what leaves no text.
Checked<std::string> linear_text(JsonValue input, std::string_view json, InputField field,
                                 const LinearTextOptions& options = {});

}  // namespace noggin::data
