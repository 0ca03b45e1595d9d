// Where a row of a log keeps what was asked and what was answered, by what wrote the row: a batch, a gateway, a trace,
// a training set. One row of a table each (envelopes.cpp); a new one is a new row.
#pragma once

#include <optional>
#include <string_view>

#include "data/json/json_path.h"

namespace noggin::data {

struct Envelope {
  std::string_view name;  // as the recipe and messages call it
  JsonPaths needs;        // exists in rows of this kind only
  JsonPaths also;         // so does this; empty: nothing more is needed
  JsonPaths id, request, response;
  JsonPaths status;  // a number that is not 200, or a word that is not one of success, means that there is no answer
  JsonPaths error;
};

// The envelope of a row, or null: the row may still be one whole response, or one of our own rows (row_finder.h).
const Envelope* find_envelope(JsonValue row, EmbeddedJson& inner);
const Envelope* envelope_named(std::string_view name);

}  // namespace noggin::data
