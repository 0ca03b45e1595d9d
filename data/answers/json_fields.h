// The fields of a JSON value inside an answer, with their places in its text.
//
// Not a JSON parser of documents (data/json/): a teacher's JSON may be cut at its end, use single quotes or leave them
// out, and stand between other words; and where a value stands in the text is needed to find the tokens that spell it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace noggin::data {

struct JsonField {
  std::string_view parent;  // the name of the field that holds this one's object or array; "" at the top
  std::string_view name;    // as written; an element of an array has its array's name
  std::string_view raw;     // the value as written, without quotes: a part of the text
  std::string value;        // with escapes undone
  bool is_string = false;   // else a number, true, false, null or a bare word
};

// Appends the scalar fields of the object or array that `text` begins with, down to one level below the top; what lies
// deeper is passed over. Returns its bytes; 0 if `text` begins with neither, or what follows is no JSON. One that is
// cut at its end counts: complete fields are given. Linear in time, no recursion.
std::size_t read_json_fields(std::string_view text, std::vector<JsonField>& fields);

// A JSON string's content with its escapes undone; a broken escape stays as it is.
std::string undo_escapes(std::string_view raw);

}  // namespace noggin::data
